/* secrets.c: ${secret:NAME#key}: what Secrets Manager has in place of a password. */
#include "aws/aws_int.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct aws_secrets {
    int unused;
};

struct aws_secrets *aws_secrets_new(void)
{
    return mem_alloc(sizeof(struct aws_secrets));
}

void aws_secrets_free(struct aws_secrets *secrets)
{
    free(secrets);
}

bool aws_has_secret(const char *text)
{
    return text != NULL && strstr(text, "${secret:") != NULL;
}

char *aws_settle(struct aws_client *client, const char *text, int64_t deadline_ms, int stop_fd,
                 struct err *err)
{
    (void)client;
    (void)deadline_ms;
    (void)stop_fd;
    if (!aws_has_secret(text))
        return mem_strdup(text != NULL ? text : "");
    err_set(err, ERR_UNSUPPORTED, 0, "secrets are not read yet");
    return NULL;
}

bool aws_secrets_forget(struct aws *aws, const char *text)
{
    (void)aws;
    return !aws_has_secret(text);
}
