#include "tests/unit/aws_rig.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void date_header(int64_t ms, char *buf, size_t size)
{
    time_t t = (time_t)((ms != 0 ? ms : clock_wall_ms()) / 1000);
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(buf, size, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void handle(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct aws_rig *rig = arg;
    int at = rig->asked < rig->nanswers ? rig->asked : rig->nanswers - 1;
    const struct aws_rig_answer *a = &rig->answers[at];
    if (rig->asked < AWS_RIG_KEPT) {
        free(rig->requests[rig->asked]);
        rig->requests[rig->asked] = mem_strdup(req->text);
    }
    rig->asked++;
    if (a->status == 0) {
        fakehttp_hold(server, fd);
        return;
    }
    if (a->status < 0) {
        fakehttp_send(fd, a->body, strlen(a->body));
        return;
    }
    char date[64], head[1024];
    date_header(a->date_ms, date, sizeof(date));
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 %d Test\r\nDate: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
                     "x-amzn-RequestId: r-%d\r\n%s\r\n",
                     a->status, date, strlen(a->body), rig->asked,
                     a->headers != NULL ? a->headers : "");
    fakehttp_send(fd, head, (size_t)n);
    fakehttp_send(fd, a->body, strlen(a->body));
}

static char *text(const char *s)
{
    return mem_strdup(s);
}

void aws_rig_open(struct aws_rig *rig)
{
    *rig = (struct aws_rig){0};
    rig->answers[0] = (struct aws_rig_answer){200, NULL, "{}", 0};
    rig->nanswers = 1;
    rig->server = fakehttp_start(handle, rig);
    (void)snprintf(rig->url, sizeof(rig->url), "http://127.0.0.1:%d", fakehttp_port(rig->server));
    rig->cfg.aws.endpoint = text(rig->url);
    rig->cfg.aws.region = text("eu-west-3");
    rig->cfg.aws.access_key_id = text(AWS_RIG_KEY);
    rig->cfg.aws.secret_access_key = text(AWS_RIG_SECRET);
    rig->cfg.aws.session_token = text(AWS_RIG_TOKEN);
    rig->aws = aws_open(&rig->cfg, -1);
    rig->client = aws_client_open(rig->aws);
}

void aws_rig_close(struct aws_rig *rig)
{
    aws_client_close(rig->client);
    (void)aws_close(rig->aws, clock_mono_ms() + 120000);
    fakehttp_stop(rig->server);
    free(rig->cfg.aws.endpoint);
    free(rig->cfg.aws.region);
    free(rig->cfg.aws.access_key_id);
    free(rig->cfg.aws.secret_access_key);
    free(rig->cfg.aws.session_token);
    for (int i = 0; i < AWS_RIG_KEPT; i++)
        free(rig->requests[i]);
}

void aws_rig_answers(struct aws_rig *rig, const struct aws_rig_answer *answers, int n)
{
    fakehttp_sync(rig->server);
    memcpy(rig->answers, answers, (size_t)n * sizeof(*answers));
    rig->nanswers = n;
    rig->asked = 0;
    fakehttp_sync(rig->server); /* the server's thread sees all of it */
}

bool aws_rig_send(struct aws_rig *rig, enum aws_call call, struct aws_answer *answer,
                  struct err *err)
{
    struct aws_request req = {
        .call = call,
        .path = aws_services[aws_calls[call].service].protocol == AWS_REST_JSON
                    ? "/v1/connectors/arn%3Aaws%3Akafkaconnect"
                    : NULL,
        .resource = "arn:aws:x:eu-west-3:123456789012:thing/one",
        .deadline_ms = clock_mono_ms() + 120000,
        .stop_fd = -1,
    };
    bool ok = aws_send(rig->client, &req, answer, err);
    fakehttp_sync(rig->server);
    return ok;
}

bool aws_rig_leaks(const char *s)
{
    static const char *const secrets[] = {AWS_RIG_SECRET, AWS_RIG_TOKEN, AWS_RIG_KEY};
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        char part[16];
        (void)snprintf(part, sizeof(part), "%.12s", secrets[i]);
        if (strstr(s, part) != NULL)
            return true;
    }
    return false;
}
