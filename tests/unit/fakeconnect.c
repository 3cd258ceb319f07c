#include "tests/unit/fakeconnect.h"

#include "base/mem.h"
#include "tests/pty/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct fakeconnect *fake = arg;
    struct fake_rule rule = {.status = 404,
                             .body = "{\"error_code\":404,\"message\":\"HTTP 404 Not "
                                     "Found\"}"};
    pthread_mutex_lock(&fake->lock);
    struct fake_seen *seen = &fake->seen;
    fake->requests++;
    (void)snprintf(seen->method, sizeof(seen->method), "%s", req->method);
    (void)snprintf(seen->target, sizeof(seen->target), "%s", req->target);
    (void)fakehttp_header(req, "authorization", seen->authorization, sizeof(seen->authorization));
    for (size_t i = 0; i < fake->nrules; i++) {
        if (strncmp(req->target, fake->rules[i].target, strlen(fake->rules[i].target)) == 0) {
            rule = fake->rules[i];
            break;
        }
    }
    pthread_mutex_unlock(&fake->lock);
    if (rule.status == 0) {
        fakehttp_hold(server, fd);
        return;
    }
    char header[200];
    (void)snprintf(header, sizeof(header), "Content-Type: %s\r\n",
                   rule.type != NULL ? rule.type : "application/json");
    fakehttp_answer(fd, rule.status, header, rule.body != NULL ? rule.body : "");
}

void fakeconnect_rules(struct fakeconnect *fake, const struct fake_rule *rules, size_t n)
{
    pthread_mutex_lock(&fake->lock);
    fake->nrules = n < FAKE_RULES ? n : FAKE_RULES;
    for (size_t i = 0; i < fake->nrules; i++)
        fake->rules[i] = rules[i];
    pthread_mutex_unlock(&fake->lock);
}

void fakeconnect_start(struct fakeconnect *fake, const struct fake_rule *rules, size_t n)
{
    memset(fake, 0, sizeof(*fake));
    pthread_mutex_init(&fake->lock, NULL);
    fakeconnect_rules(fake, rules, n);
    fake->http = fakehttp_start(answer, fake);
    (void)snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d", fakehttp_port(fake->http));
}

void fakeconnect_stop(struct fakeconnect *fake)
{
    fakehttp_stop(fake->http);
    pthread_mutex_destroy(&fake->lock);
}

int fakeconnect_requests(struct fakeconnect *fake)
{
    fakehttp_sync(fake->http);
    pthread_mutex_lock(&fake->lock);
    int n = fake->requests;
    pthread_mutex_unlock(&fake->lock);
    return n;
}

struct fake_seen fakeconnect_seen(struct fakeconnect *fake)
{
    pthread_mutex_lock(&fake->lock);
    struct fake_seen seen = fake->seen;
    pthread_mutex_unlock(&fake->lock);
    return seen;
}

void fakeconnect_dead_url(char *url, size_t size)
{
    (void)snprintf(url, size, "http://127.0.0.1:%d", fake_closed_port());
}

struct pipeline_config fakeconnect_config(const char *const *urls, size_t n)
{
    struct pipeline_config cfg = {0};
    cfg.connect.urls.items = mem_calloc(n + 1, sizeof(char *));
    cfg.connect.urls.count = n;
    for (size_t i = 0; i < n; i++)
        cfg.connect.urls.items[i] = mem_strdup(urls[i]);
    cfg.connect.username = mem_strdup("");
    cfg.connect.password = mem_strdup("");
    cfg.connect.ssl_ca = mem_strdup("");
    cfg.connect.ssl_certificate = mem_strdup("");
    cfg.connect.ssl_key = mem_strdup("");
    return cfg;
}

void fakeconnect_config_free(struct pipeline_config *cfg)
{
    for (size_t i = 0; i < cfg->connect.urls.count; i++)
        free(cfg->connect.urls.items[i]);
    free(cfg->connect.urls.items);
    free(cfg->connect.username);
    free(cfg->connect.password);
    free(cfg->connect.ssl_ca);
    free(cfg->connect.ssl_certificate);
    free(cfg->connect.ssl_key);
}
