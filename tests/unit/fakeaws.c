#include "tests/unit/fakeaws.h"

#include "config/options.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void handle(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct fakeaws *fake = arg;
    fake->requests++;
    (void)snprintf(fake->last, sizeof(fake->last), "%s", req->body);
    for (size_t i = 0; i < fake->nanswers; i++) {
        const struct fakeaws_answer *a = &fake->answers[i];
        if (a->has != NULL && strstr(req->text, a->has) == NULL)
            continue;
        if (a->status == 0)
            fakehttp_hold(server, fd);
        else
            fakehttp_answer(fd, a->status, "", a->body);
        return;
    }
    fakehttp_answer(fd, 404, "", "{\"__type\":\"ResourceNotFoundException\",\"message\":\"none\"}");
}

void fakeaws_set(struct pipeline_config *cfg, const char *section, const char *key,
                 const char *value)
{
    const char *why = NULL;
    for (size_t i = 0; i < options_count; i++) {
        if (strcmp(option_sections[options[i].section].name, section) == 0 &&
            strcmp(options[i].key, key) == 0 && options_set(&options[i], cfg, value, &why))
            return;
    }
    fail_msg("%s.%s = %s: %s", section, key, value, why != NULL ? why : "no such option");
}

void fakeaws_start(struct fakeaws *fake, struct pipeline_config *cfg)
{
    char url[64];
    *fake = (struct fakeaws){0};
    memset(cfg, 0, sizeof(*cfg));
    fake->http = fakehttp_start(handle, fake);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", fakehttp_port(fake->http));
    options_defaults(true, cfg);
    fakeaws_set(cfg, "pipeline.aws", "endpoint", url);
    fakeaws_set(cfg, "pipeline.aws", "region", "eu-west-3");
    fakeaws_set(cfg, "pipeline.aws", "access_key_id", "AKIDEXAMPLE");
    fakeaws_set(cfg, "pipeline.aws", "secret_access_key",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
}

void fakeaws_answers(struct fakeaws *fake, const struct fakeaws_answer *answers, size_t n)
{
    fakehttp_sync(fake->http);
    memcpy(fake->answers, answers, n * sizeof(*answers));
    fake->nanswers = n;
}

int fakeaws_requests(struct fakeaws *fake)
{
    fakehttp_sync(fake->http);
    return fake->requests;
}

void fakeaws_stop(struct fakeaws *fake, struct pipeline_config *cfg)
{
    fakehttp_stop(fake->http);
    options_free(true, cfg);
}
