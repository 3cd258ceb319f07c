/* endpoint.c: where a service is. */
#include "aws/aws_int.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static char *given(const char *url)
{
    size_t n = url != NULL ? strlen(url) : 0;
    while (n > 0 && url[n - 1] == '/')
        n--;
    return n > 0 ? mem_strndup(url, n) : NULL;
}

char *aws_endpoint_given(struct aws *aws, enum aws_service service)
{
    char *name = mem_printf("AWS_ENDPOINT_URL_%s", aws_services[service].endpoint);
    char *url = given(aws->cfg->aws.endpoint);
    url = url != NULL ? url : given(getenv(name));
    url = url != NULL ? url : given(getenv("AWS_ENDPOINT_URL"));
    free(name);
    return url != NULL ? url : aws_profile_endpoint(aws, service);
}

char *aws_endpoint(struct aws *aws, enum aws_service service, const char *region, struct err *err)
{
    char *url = aws_endpoint_given(aws, service);
    if (url != NULL)
        return url;
    if (region[0] == '\0') {
        err_set(err, ERR_CONFIG, 0,
                "no AWS region is known: set region in [pipeline.aws], or AWS_REGION");
        return NULL;
    }
    return mem_printf("https://%s.%s.amazonaws.com%s", aws_services[service].name, region,
                      strcmp(aws_partition(region), "aws-cn") == 0 ? ".cn" : "");
}
