#include "tests/unit/s3_rig.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text_empty[] = "", text_key[] = "AKID", text_secret[] = "secret", text_auto[] = "auto";

int s3_rig_setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    fakes3_start(&f->s3);
    (void)snprintf(f->endpoint, sizeof(f->endpoint), "http://127.0.0.1:%d",
                   fakehttp_port(f->s3.server));
    (void)snprintf(f->url, sizeof(f->url), "s3://lake");
    f->cfg.s3 = (struct s3_config){
        .url = f->url,
        .region = text_empty,
        .endpoint = f->endpoint,
        .addressing = text_auto,
        .access_key_id = text_key,
        .secret_access_key = text_secret,
        .session_token = text_empty,
        .ssl_ca = text_empty,
        .recheck_ms = INT64_C(3600) * 1000,
    };
    f->topics[0] = "shop.public.orders";
    f->sink = (struct hint_sink){
        .connector = "s3-sink",
        .bucket = "lake",
        .topics_dir = "topics",
        .layout = "confluent",
        .path_format = "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH",
        .timezone = "UTC",
        .topics = f->topics,
        .ntopics = 1,
    };
    f->hints.sinks = &f->sink;
    f->hints.nsinks = 1;
    f->source = source_s3.open(&f->cfg, NULL);
    *state = f;
    return 0;
}

int s3_rig_teardown(void **state)
{
    struct fixture *f = *state;
    source_s3.close(f->source);
    fakes3_stop(&f->s3);
    free(f);
    return 0;
}

struct snapshot *s3_rig_poll(struct fixture *f, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + 120000, .stop_fd = -1, .hints = &f->hints, .aws = f->aws};
    fakehttp_sync(f->s3.server);
    struct snapshot *snap = source_s3.poll(f->source, &ctx, err);
    fakehttp_sync(f->s3.server);
    return snap;
}

struct snapshot *s3_rig_done(struct fixture *f)
{
    for (int i = 0; i < 40; i++) {
        struct err err = ERR_INIT;
        struct snapshot *snap = s3_rig_poll(f, &err);
        if (snap == NULL)
            fail_msg("%s: %s", err_kind_name(err.kind), err.text);
        bool complete = true;
        for (size_t j = 0; j < snap->s3.nprefixes; j++)
            complete = complete && snap->s3.prefixes[j].complete;
        if (complete)
            return snap;
        snapshot_free(snap);
    }
    fail_msg("the walk does not end");
    return NULL;
}

void s3_rig_newest(const struct s3_prefix *p, const char *key)
{
    assert_true(p->nobjects > 0);
    assert_string_equal(p->objects[0].key, key);
    for (size_t i = 1; i < p->nobjects; i++)
        assert_true(p->objects[i - 1].modified_ms >= p->objects[i].modified_ms);
}
