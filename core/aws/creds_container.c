/* creds_container.c: the endpoint inside a container: ECS (relative URI), EKS Pod Identity and
 * Greengrass (full URI, with a token that is read anew each time). */
#include "aws/creds_int.h"
#include "base/clock.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONTAINER_MS = 2000, CONTAINER_MAX = 64 * 1024, TOKEN_MAX = 16 * 1024 };

static const struct creds_shape shape = {.token_key = "Token", .ends = true};

static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Without TLS only where no foreigner can listen: this machine, ECS's and EKS's own addresses. */
static bool is_local(const char *host)
{
    static const char *const known[] = {"localhost", "169.254.170.2", "169.254.170.23",
                                        "[fd00:ec2::23]", "[::1]"};
    struct in_addr addr;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcasecmp(host, known[i]) == 0)
            return true;
    }
    return inet_pton(AF_INET, host, &addr) == 1 && (ntohl(addr.s_addr) >> 24) == 127;
}

static char *host_of(const char *authority)
{
    size_t n = strcspn(authority, "/?#");
    char *host = mem_strndup(authority, n);
    char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
    if (end != NULL)
        end[host[0] == '[' ? 1 : 0] = '\0';
    return host;
}

static bool may_ask(const char *url, struct err *err)
{
    if (strncasecmp(url, "https://", 8) == 0 && strchr("/?#", url[8]) == NULL)
        return true;
    if (strncasecmp(url, "http://", 7) != 0 || strchr(url, '@') != NULL)
        return err_set(err, ERR_CONFIG, 0,
                       "AWS_CONTAINER_CREDENTIALS_FULL_URI is no http or https URL");
    char *host = host_of(url + 7);
    bool local = is_local(host);
    free(host);
    return local ? true
                 : err_set(err, ERR_CONFIG, 0,
                           "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this host");
}

/* "Authorization: …", or NULL: no token is wanted. False: *err. */
static bool authorization(char **line, struct err *err)
{
    const char *file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *given = env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    *line = NULL;
    if (file == NULL && given == NULL)
        return true;
    char *token = file != NULL ? creds_token_file(file, TOKEN_MAX, err) : mem_strdup(given);
    if (token == NULL)
        return false;
    bool ok = strpbrk(token, "\r\n") == NULL;
    if (ok)
        *line = mem_printf("Authorization: %s", token);
    mem_wipe_free(token);
    return ok ? true
              : err_set(err, ERR_CONFIG, 0, "AWS_CONTAINER_AUTHORIZATION_TOKEN has a line break");
}

static bool read_answer(const struct http_response *resp, struct aws_credentials *keys,
                        struct err *err)
{
    char code[80], message[200];
    if (resp->status == 200)
        return creds_json(resp->body.text, resp->body.len, &shape, keys, err);
    creds_json_say(resp->body.text, resp->body.len, "code", code, sizeof(code));
    creds_json_say(resp->body.text, resp->body.len, "message", message, sizeof(message));
    return err_set(err, http_status_kind(resp->status), (int)resp->status, "HTTP %ld%s%s%s%s",
                   resp->status, code[0] != '\0' ? ", " : "", code, message[0] != '\0' ? ": " : "",
                   message);
}

static bool ask(const struct creds_fetch *f, const char *url, struct aws_credentials *keys,
                struct err *err)
{
    char *line;
    struct http_response resp;
    if (!authorization(&line, err))
        return false;
    char *ca = aws_ca_bundle(f->aws);
    const char *headers[] = {line, NULL};
    struct http_request request = {
        .method = "GET",
        .url = url,
        .headers = headers,
        .tls = {.ca = ca},
        .max_body = CONTAINER_MAX,
        .deadline_ms = clock_mono_ms() + CONTAINER_MS,
        .stop_fd = f->stop_fd,
        .direct = true,
    };
    bool ok = http_exchange(f->client->http, &request, &resp, err);
    mem_wipe_free(line);
    free(ca);
    if (!ok)
        return false;
    ok = read_answer(&resp, keys, err);
    creds_wipe_answer(&resp);
    return ok;
}

enum creds_answer creds_container(struct creds_fetch *f, struct creds_found *found, struct err *err)
{
    const char *relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    char *url = NULL;
    bool ok = false;
    *found = (struct creds_found){0};
    if (relative == NULL && full == NULL)
        return CREDS_NONE;
    if (relative != NULL && relative[0] == '/')
        url = mem_printf("http://169.254.170.2%s", relative);
    else if (relative != NULL)
        err_set(err, ERR_CONFIG, 0, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with /");
    else if (may_ask(full, err))
        url = mem_strdup(full);
    if (url != NULL)
        ok = ask(f, url, &found->keys, err);
    free(url);
    if (!ok) {
        err_wrap(err, "the container's credentials");
        return CREDS_FAILED;
    }
    found->from = mem_strdup("the container's role");
    return CREDS_FOUND;
}
