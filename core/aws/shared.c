/* shared.c: the profile in use, and the region. */
#include "aws/creds_int.h"
#include "base/clock.h"
#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { REGION_AGAIN_MS = 60 * 1000 };

static const char *given(const char *s)
{
    return s != NULL && s[0] != '\0' ? s : NULL;
}

static const char *named_profile(const struct aws *aws)
{
    const char *name = given(aws->cfg->aws.profile);
    name = name != NULL ? name : given(getenv("AWS_PROFILE"));
    return name != NULL ? name : given(getenv("AWS_DEFAULT_PROFILE"));
}

const char *aws_profile_name(const struct aws *aws)
{
    const char *name = named_profile(aws);
    return name != NULL ? name : "default";
}

bool aws_profile_wanted(const struct aws *aws)
{
    return named_profile(aws) != NULL;
}

void aws_profiles_take(struct aws *aws, struct profiles *fresh)
{
    pthread_mutex_lock(&aws->lock);
    struct profiles *old = aws->profiles;
    aws->profiles = fresh;
    aws->profiles_tried = true;
    pthread_mutex_unlock(&aws->lock);
    profiles_free(old);
}

/* What is wrong with the files is said where credentials come from. */
static void read_once(struct aws *aws)
{
    pthread_mutex_lock(&aws->lock);
    bool tried = aws->profiles_tried;
    pthread_mutex_unlock(&aws->lock);
    if (!tried)
        aws_profiles_take(aws, profiles_read(NULL));
}

char *aws_profile_value(struct aws *aws, const char *key)
{
    char *value = NULL;
    read_once(aws);
    pthread_mutex_lock(&aws->lock);
    if (aws->profiles != NULL)
        value = mem_strdup(profiles_get(aws->profiles, aws_profile_name(aws), key));
    pthread_mutex_unlock(&aws->lock);
    return value;
}

static const char *endpoint_in(const struct profiles *p, const char *name, const char *service)
{
    const char *ignore = profiles_get(p, name, "ignore_configured_endpoint_urls");
    const char *services = profiles_get(p, name, "services");
    if (ignore != NULL && strcmp(ignore, "true") == 0)
        return NULL;
    const char *url =
        services != NULL ? profiles_service(p, services, service, "endpoint_url") : NULL;
    return url != NULL ? url : profiles_get(p, name, "endpoint_url");
}

char *aws_profile_endpoint(struct aws *aws, enum aws_service service)
{
    char *name = mem_strdup(aws_services[service].endpoint), *url = NULL;
    for (char *c = name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    read_once(aws);
    pthread_mutex_lock(&aws->lock);
    if (aws->profiles != NULL)
        url = mem_strdup(endpoint_in(aws->profiles, aws_profile_name(aws), name));
    pthread_mutex_unlock(&aws->lock);
    free(name);
    for (size_t n = url != NULL ? strlen(url) : 0; n > 0 && url[n - 1] == '/';)
        url[--n] = '\0';
    return url;
}

/* ---- the region ------------------------------------------------------------------------------ */

static const char *known_region(struct aws *aws)
{
    pthread_mutex_lock(&aws->lock);
    const char *region = aws->region;
    pthread_mutex_unlock(&aws->lock);
    return region;
}

char *aws_region_told(struct aws *aws)
{
    const char *told = given(aws->cfg->aws.region);
    told = told != NULL ? told : given(getenv("AWS_REGION"));
    told = told != NULL ? told : given(getenv("AWS_DEFAULT_REGION"));
    return told != NULL ? mem_strdup(told) : aws_profile_value(aws, "region");
}

const char *aws_region(struct aws *aws)
{
    const char *region = known_region(aws);
    if (region[0] != '\0')
        return region;
    pthread_mutex_lock(&aws->region_lock);
    int64_t now = clock_mono_ms();
    region = known_region(aws);
    if (region[0] == '\0' &&
        (aws->region_looked_ms == 0 || now - aws->region_looked_ms >= REGION_AGAIN_MS)) {
        char *found = aws_region_told(aws);
        found = found != NULL ? found : imds_region(aws->stop_fd);
        aws->region_looked_ms = clock_mono_ms();
        if (found != NULL) {
            pthread_mutex_lock(&aws->lock);
            aws->region = aws->region_found = found;
            pthread_mutex_unlock(&aws->lock);
            region = found;
        }
    }
    pthread_mutex_unlock(&aws->region_lock);
    return region;
}
