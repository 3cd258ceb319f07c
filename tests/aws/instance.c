#include "tests/aws/instance.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static void answer(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    static const char role[] = "/latest/meta-data/iam/security-credentials/";
    const struct contract_user *user = arg;
    char token[40], until[40], *keys;
    (void)server;
    fakehttp_header(req, "x-aws-ec2-metadata-token", token, sizeof(token));
    if (strcmp(req->target, "/latest/api/token") == 0 && strcmp(req->method, "PUT") == 0) {
        fakehttp_answer(fd, 200, NULL, "token-of-the-instance");
    } else if (strcmp(token, "token-of-the-instance") != 0) {
        fakehttp_answer(fd, 401, NULL, "");
    } else if (strcmp(req->target, "/latest/meta-data/placement/region") == 0) {
        fakehttp_answer(fd, 200, NULL, "eu-west-3");
    } else if (strcmp(req->target, role) == 0) {
        fakehttp_answer(fd, 200, NULL, "bastion");
    } else {
        keys = mem_printf("{\"Code\":\"Success\",\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\","
                          "\"Token\":\"%s\",\"Expiration\":\"%s\"}",
                          user->id, user->secret, user->token,
                          clock_iso(clock_wall_ms() + 3600000, until, sizeof(until)));
        fakehttp_answer(fd, 200, NULL, keys);
        mem_wipe_free(keys);
    }
}

void instance_start(struct instance *instance, const char *user)
{
    instance->user = contract_user(user);
    instance->server = fakehttp_start(answer, &instance->user);
    (void)snprintf(instance->url, sizeof(instance->url), "http://127.0.0.1:%d",
                   fakehttp_port(instance->server));
}

void instance_stop(struct instance *instance)
{
    fakehttp_stop(instance->server);
    contract_user_free(&instance->user);
}
