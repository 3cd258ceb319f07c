#include "net/connectapi.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PATH_MAX_BYTES = 64 * 1024, SMALL_BODY = 1024 * 1024, MESSAGE_MAX = 2000 };

static const struct {
    const char *method;
    const char *before; /* of the connector's name; the whole path where there is none */
    const char *after;
    size_t max_body;
    const char *since; /* first version that has it, for the error text; NULL: all we support */
} calls[] = {
    [CONNECT_ROOT] = {"GET",  "/",                                     NULL,       SMALL_BODY,     NULL },
    [CONNECT_LIST] = {"GET",  "/connectors?expand=status&expand=info", NULL,       JSON_MAX_BYTES, "2.3"},
    [CONNECT_STATUS] = {"GET",  "/connectors/",                          "/status",  SMALL_BODY,     NULL },
    [CONNECT_CONFIG] = {"GET",  "/connectors/",                          "/config",  SMALL_BODY,     NULL },
    [CONNECT_TOPICS] = {"GET",  "/connectors/",                          "/topics",  SMALL_BODY,     "2.5"},
    [CONNECT_OFFSETS] = {"GET",  "/connectors/",                          "/offsets", SMALL_BODY,     "3.5"},
    [CONNECT_RESTART] = {"POST", "/connectors/",                          "/restart", SMALL_BODY,     NULL },
    [CONNECT_RESTART_TASK] = {"POST", "/connectors/",                          "/tasks/",  SMALL_BODY,     NULL },
    [CONNECT_PAUSE] = {"PUT",  "/connectors/",                          "/pause",   SMALL_BODY,     NULL },
    [CONNECT_RESUME] = {"PUT",  "/connectors/",                          "/resume",  SMALL_BODY,     NULL },
    [CONNECT_STOP] = {"PUT",  "/connectors/",                          "/stop",    SMALL_BODY,     "3.5"},
};
static_assert(ARRAY_LEN(calls) == CONNECT_CALL_COUNT, "a row per call");

struct worker {
    char *base; /* no user, no password, no slash at the end */
    char *user;
    char *password; /* secret */
    bool hung;      /* the last time it was asked it did not answer in time */
    bool failed;
    struct err error; /* valid if failed */
};

struct connectapi {
    const struct connect_config *cfg;
    struct http_client *http;
    struct worker *workers;
    size_t nworkers;
    size_t last;                /* index of the one that answered last; nworkers: none has */
    connectapi_login_fn *login; /* NULL: cfg says it */
    void (*login_free)(void *arg);
    void *login_arg;
    const char *username, *password; /* what is used for workers without their own */
};

/* ---- URLs ---- */

static char *percent_decode(const char *s, size_t n)
{
    char *out = mem_alloc(n + 1);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%' && i + 2 < n && hex_digit(s[i + 1]) >= 0 && hex_digit(s[i + 2]) >= 0) {
            out[len++] = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
            i += 2;
        } else {
            out[len++] = s[i];
        }
    }
    return out;
}

char *connectapi_split_url(const char *url, char **user, char **password)
{
    *user = *password = NULL;
    const char *scheme = "http://";
    const char *rest = strstr(url, "://");
    if (rest == NULL) {
        rest = url;
    } else if (strncasecmp(url, "https://", 8) == 0) {
        scheme = "https://";
        rest += 3;
    } else if (strncasecmp(url, "http://", 7) == 0) {
        rest += 3;
    } else {
        return NULL;
    }
    size_t authority = strcspn(rest, "/?#");
    const char *at = memrchr(rest, '@', authority);
    if (at != NULL) {
        const char *colon = memchr(rest, ':', (size_t)(at - rest));
        *user = percent_decode(rest, (size_t)((colon != NULL ? colon : at) - rest));
        *password =
            colon != NULL ? percent_decode(colon + 1, (size_t)(at - colon - 1)) : mem_strdup("");
        authority -= (size_t)(at + 1 - rest);
        rest = at + 1;
    }
    size_t len = strcspn(rest, "?#");
    while (len > 0 && rest[len - 1] == '/')
        len--;
    if (authority == 0 || len == 0) {
        mem_wipe_free(*user);
        mem_wipe_free(*password);
        *user = *password = NULL;
        return NULL;
    }
    return mem_printf("%s%.*s", scheme, (int)len, rest);
}

static void put_target(struct strbuf *out, const char *base, const struct connect_request *req)
{
    strbuf_puts(out, base);
    strbuf_puts(out, calls[req->call].before);
    if (calls[req->call].after == NULL)
        return;
    http_escape(out, req->connector, false);
    strbuf_puts(out, calls[req->call].after);
    if (req->call == CONNECT_RESTART_TASK)
        strbuf_printf(out, "%d/restart", req->task);
    if (req->call == CONNECT_RESTART && (req->include_tasks || req->only_failed))
        strbuf_printf(out, "?includeTasks=%s&onlyFailed=%s", req->include_tasks ? "true" : "false",
                      req->only_failed ? "true" : "false");
}

void connectapi_preview(struct strbuf *out, const char *base_url, const struct connect_request *req)
{
    strbuf_printf(out, "%s ", calls[req->call].method);
    put_target(out, base_url, req);
}

/* ---- open and close ---- */

struct connectapi *connectapi_open(const struct connect_config *cfg, struct err *err)
{
    if (cfg->urls.count == 0) {
        err_set(err, ERR_CONFIG, 0, "no Kafka Connect URL is configured");
        return NULL;
    }
    struct connectapi *api = mem_alloc(sizeof(*api));
    api->cfg = cfg;
    api->workers = mem_calloc(cfg->urls.count, sizeof(*api->workers));
    for (size_t i = 0; i < cfg->urls.count; i++) {
        struct worker *w = &api->workers[i];
        w->base = connectapi_split_url(cfg->urls.items[i], &w->user, &w->password);
        if (w->base == NULL) {
            err_set(err, ERR_CONFIG, 0, "Kafka Connect URL %zu is not an http or https URL", i + 1);
            connectapi_close(api);
            return NULL;
        }
        api->nworkers++;
    }
    api->last = api->nworkers;
    api->username = cfg->username;
    api->password = cfg->password;
    api->http = http_open();
    return api;
}

void connectapi_login(struct connectapi *api, connectapi_login_fn *fn, void (*free)(void *arg),
                      void *arg)
{
    if (api->login != NULL) {
        free(arg);
        return;
    }
    api->login = fn;
    api->login_free = free;
    api->login_arg = arg;
}

void connectapi_close(struct connectapi *api)
{
    if (api == NULL)
        return;
    if (api->login != NULL)
        api->login_free(api->login_arg);
    if (api->http != NULL)
        http_close(api->http);
    for (size_t i = 0; i < api->nworkers; i++) {
        free(api->workers[i].base);
        mem_wipe_free(api->workers[i].user);
        mem_wipe_free(api->workers[i].password);
    }
    free(api->workers);
    free(api);
}

/* ---- judging an answer ---- */

static const char *body_start(const struct http_response *resp)
{
    return resp->body.text + strspn(resp->body.text, " \t\r\n");
}

static bool is_page(const struct http_response *resp)
{
    return body_start(resp)[0] == '<' || strncasecmp(resp->content_type, "text/html", 9) == 0;
}

/* The message of {"error_code":…,"message":…}, cleaned, its secrets masked (it may quote settings);
 * "" if the body is not that. */
static void error_message(const struct http_response *resp, char *out, size_t size)
{
    out[0] = '\0';
    if (body_start(resp)[0] != '{')
        return;
    cJSON *root = json_parse(resp->body.text, resp->body.len, NULL);
    struct arena *arena = arena_new();
    utf8_clean(out, size, secrets_masked(arena, json_str(root, "message", ""), MESSAGE_MAX), false);
    arena_free(arena);
    cJSON_Delete(root);
}

/* HTML or XML: another server, a proxy, or a worker whose Connect is not up yet. */
static bool judge_page(const struct http_response *resp, struct err *err)
{
    int code = (int)resp->status;
    if (resp->status == 404)
        return err_set(err, ERR_PROTOCOL, code,
                       "HTTP 404 and a page instead of JSON: the worker is still starting, or this "
                       "is not Kafka Connect");
    if (resp->status == 401 || resp->status == 403 || resp->status >= 500)
        return err_set(err, http_status_kind(resp->status), code, "HTTP %d and a page", code);
    return err_set(err, ERR_PROTOCOL, code,
                   "HTTP %d and a page instead of JSON: this is not Kafka Connect, or a proxy "
                   "answers for it",
                   code);
}

/* No such path or method. */
static bool judge_missing(const struct connect_request *req, int code, struct err *err)
{
    const char *after = calls[req->call].after;
    const char *since = calls[req->call].since;
    if (after == NULL)
        return err_set(err, ERR_PROTOCOL, code, "HTTP %d: no Kafka Connect under this path", code);
    return err_set(err, ERR_UNSUPPORTED, code, "this worker has no %s …%s%s%s%s",
                   calls[req->call].method, after, since != NULL ? ": Kafka Connect " : "",
                   since != NULL ? since : "", since != NULL ? " and later have it" : "");
}

static bool judge_error(const struct connect_request *req, const struct http_response *resp,
                        struct err *err)
{
    int code = (int)resp->status;
    char message[400];
    error_message(resp, message, sizeof(message));
    if ((code == 404 && strcmp(message, "HTTP 404 Not Found") == 0) || code == 405)
        return judge_missing(req, code, err);
    /* So says a worker of 3.9 for some seconds between its page and its first answer; a connector
     * that does not exist is named. */
    if (code == 404 && strcmp(message, "Not Found") == 0)
        return err_set(err, ERR_PROTOCOL, code,
                       "HTTP 404: the worker is still starting, or this is not Kafka Connect");
    enum err_kind kind = http_status_kind(resp->status);
    if (code == 404)
        kind = ERR_NOTFOUND;
    else if (code == 409)
        kind = ERR_CONFLICT;
    else if (code == 500 && strncmp(message, "Request timed out", 17) == 0)
        kind = ERR_TIMEOUT;
    if (message[0] != '\0')
        return err_set(err, kind, code, "HTTP %d: %s", code, message);
    return err_set(err, kind, code, "HTTP %d without a message", code);
}

static bool judge(const struct connect_request *req, const struct http_response *resp,
                  struct err *err)
{
    if (is_page(resp))
        return judge_page(resp, err);
    if (resp->status >= 300 && resp->status < 400)
        return err_set(err, ERR_PROTOCOL, (int)resp->status, "HTTP %ld: a redirect, not followed",
                       resp->status);
    if (resp->status < 200 || resp->status >= 300)
        return judge_error(req, resp, err);
    char first = body_start(resp)[0];
    if (strcmp(calls[req->call].method, "GET") == 0 && first != '{' && first != '[') {
        char head[61];
        utf8_clean(head, sizeof(head), body_start(resp), false);
        return err_set(err, ERR_PROTOCOL, (int)resp->status, "not what Kafka Connect says: \"%s\"",
                       head);
    }
    return true;
}

/* ---- asking ---- */

static bool ask_once(struct connectapi *api, size_t index, const struct connect_request *req,
                     int64_t deadline_ms, int stop_fd, struct connect_answer *answer,
                     struct err *err)
{
    const struct worker *w = &api->workers[index];
    const struct connect_config *cfg = api->cfg;
    struct strbuf url;
    strbuf_init(&url, PATH_MAX_BYTES);
    put_target(&url, w->base, req);
    bool from_config = w->user == NULL && api->username != NULL && api->username[0] != '\0';
    static const char *const headers[] = {"Accept: application/json", NULL};
    struct http_request hreq = {
        .method = calls[req->call].method,
        .url = url.text,
        .headers = headers,
        .username = from_config ? api->username : w->user,
        .password = from_config ? api->password : w->password,
        .tls = {.ca = cfg->ssl_ca, .certificate = cfg->ssl_certificate, .key = cfg->ssl_key},
        .max_body = calls[req->call].max_body,
        .once = strcmp(calls[req->call].method, "GET") != 0,
        .deadline_ms = deadline_ms,
        .stop_fd = stop_fd,
    };
    struct http_response resp;
    bool ok = false;
    if (url.overflow)
        err_set(err, ERR_TOOBIG, 0, "the connector's name is too long");
    else
        ok = http_exchange(api->http, &hreq, &resp, err);
    strbuf_free(&url);
    if (!ok)
        return false;
    ok = judge(req, &resp, err);
    if (ok) {
        answer->status = resp.status;
        answer->len = resp.body.len;
        answer->body = strbuf_take(&resp.body);
        answer->date_ms = resp.date_ms;
        answer->url = w->base;
    } else {
        err_wrap(err, "%s", w->base); /* the errors of http.c name the host themselves */
    }
    http_response_free(&resp);
    return ok;
}

static bool ask(struct connectapi *api, size_t index, const struct connect_request *req,
                int64_t deadline_ms, int stop_fd, struct connect_answer *answer, struct err *err)
{
    if (api->login != NULL && !api->login(api->login_arg, false, deadline_ms, stop_fd,
                                          &api->username, &api->password, err))
        return false;
    if (ask_once(api, index, req, deadline_ms, stop_fd, answer, err))
        return true;
    return err->kind == ERR_AUTH && api->login != NULL &&
           api->login(api->login_arg, true, deadline_ms, stop_fd, &api->username, &api->password,
                      err) &&
           ask_once(api, index, req, deadline_ms, stop_fd, answer, err);
}

static void remember(struct connectapi *api, size_t index, bool ok, const struct err *err)
{
    struct worker *w = &api->workers[index];
    if (!ok && err->kind == ERR_STOPPED)
        return;
    /* A refusal that Connect itself words is an answer: the worker is well. */
    bool serves = ok || err->kind == ERR_NOTFOUND || err->kind == ERR_CONFLICT ||
                  err->kind == ERR_UNSUPPORTED;
    w->hung = !serves && err->kind == ERR_TIMEOUT;
    w->failed = !serves;
    if (serves)
        api->last = index;
    else
        w->error = *err;
}

/* May another worker be asked after this failure? */
static bool moves_on(const struct connect_request *req, const struct err *err)
{
    switch (err->kind) {
    case ERR_REFUSED:
    case ERR_DNS:
    case ERR_TLS:
    case ERR_PROTOCOL: return true;
    case ERR_TIMEOUT:
    case ERR_SERVER:
    case ERR_TOOBIG:
    case ERR_IO: return strcmp(calls[req->call].method, "GET") == 0;
    default: return false;
    }
}

/* Indexes of the workers in the order in which they are to be asked. */
static void put_order(const struct connectapi *api, size_t *order)
{
    size_t n = 0;
    if (api->last < api->nworkers && !api->workers[api->last].hung)
        order[n++] = api->last;
    for (int hung = 0; hung <= 1; hung++) {
        for (size_t i = 0; i < api->nworkers; i++) {
            if (api->workers[i].hung == (hung == 1) && (hung == 1 || i != api->last))
                order[n++] = i;
        }
    }
}

bool connectapi_call(struct connectapi *api, const struct connect_request *req, int64_t deadline_ms,
                     int stop_fd, struct connect_answer *answer, struct err *err)
{
    size_t *order = mem_calloc(api->nworkers, sizeof(*order));
    put_order(api, order);
    size_t n = req->only_last ? 1 : api->nworkers;
    struct err all = ERR_INIT;
    bool ok = false;
    for (size_t k = 0; k < n && !ok; k++) {
        int left = clock_left_ms(deadline_ms);
        if (k > 0 && left == 0)
            break;
        struct err one = ERR_INIT;
        int64_t until = deadline_ms - left + left / (int64_t)(n - k);
        ok = ask(api, order[k], req, until, stop_fd, answer, &one);
        if (!req->only_last)
            remember(api, order[k], ok, &one);
        if (ok)
            break;
        if (k == 0 || one.kind == ERR_STOPPED) {
            all = one;
        } else {
            struct err before = all;
            err_set(&all, before.kind, before.code, "%s; %s", before.text, one.text);
        }
        if (!moves_on(req, &one))
            break;
    }
    free(order);
    if (!ok)
        err_set(err, all.kind, all.code, "%s", all.text);
    return ok;
}

void connectapi_answer_free(struct connect_answer *answer)
{
    if (answer->body != NULL) /* configs come with their passwords in clear text */
        mem_wipe(answer->body, answer->len);
    free(answer->body);
    answer->body = NULL;
}

void connectapi_probe_others(struct connectapi *api, int64_t deadline_ms, int64_t each_ms,
                             int stop_fd)
{
    static const struct connect_request root = {.call = CONNECT_ROOT};
    size_t last = api->last;
    for (size_t i = 0; i < api->nworkers; i++) {
        int64_t left = clock_left_ms(deadline_ms);
        if (i == last || left == 0)
            continue;
        int64_t until = deadline_ms - left + (left < each_ms ? left : each_ms);
        struct connect_answer answer;
        struct err err = ERR_INIT;
        bool ok = ask(api, i, &root, until, stop_fd, &answer, &err);
        if (ok)
            connectapi_answer_free(&answer);
        remember(api, i, ok, &err);
    }
    if (last < api->nworkers)
        api->last = last; /* a probe does not change who is asked first */
}

int64_t connectapi_certificate_ends_ms(const struct connectapi *api)
{
    return http_certificate_ends_ms(api->http);
}

size_t connectapi_url_count(const struct connectapi *api)
{
    return api->nworkers;
}

const char *connectapi_url(const struct connectapi *api, size_t i)
{
    return api->workers[i].base;
}

const char *connectapi_url_error(const struct connectapi *api, size_t i)
{
    return api->workers[i].failed ? api->workers[i].error.text : NULL;
}
