#include "tests/unit/record_rig.h"

#include "base/mem.h"
#include "config/options.h"
#include "record/replay.h"
#include "tests/check.h"
#include "tests/unit/keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void record_rig_open(struct record_rig *r, const char *name, bool redact)
{
    struct err err = ERR_INIT;
    fixture_open(&r->f);
    (void)snprintf(r->dir, sizeof(r->dir), "/tmp/cdctop-record-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    (void)snprintf(r->path, sizeof(r->path), "%s/%.20s", r->dir, name);
    world_now(r->f.world, r->f.mono_ms, r->f.wall_ms);
    r->recording = recording_open(r->path, r->f.world, redact, &err);
    assert_non_null(r->recording);
    r->f.watch = recording_watch(r->recording);
}

void record_rig_ticks(struct record_rig *r, int n, int64_t ms)
{
    for (int i = 0; i < n; i++)
        fixture_tick(&r->f, ms);
}

void record_rig_end(struct record_rig *r)
{
    struct err err = ERR_INIT;
    r->f.watch = NULL;
    if (!recording_close(r->recording, &err))
        fail_msg("%s", err.text);
    r->recording = NULL;
}

void record_rig_close(struct record_rig *r)
{
    if (r->recording != NULL)
        record_rig_end(r);
    keep_file(r->path);
    (void)rmdir(r->dir);
    fixture_close(&r->f);
}

char *record_rig_read(const char *path, size_t *n)
{
    enum { MOST = 64 * 1024 * 1024 };
    FILE *file = fopen(path, "rbe");
    assert_non_null(file);
    char *data = mem_alloc(MOST);
    *n = fread(data, 1, MOST - 1, file);
    (void)fclose(file);
    return data;
}

void record_rig_write(const char *path, const char *data, size_t n)
{
    FILE *file = fopen(path, "wbe");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

bool replayed_open(struct replayed *p, const char *path, struct err *err)
{
    *p = (struct replayed){.config = mem_alloc(sizeof(*p->config))};
    options_defaults(false, p->config);
    p->config->path = mem_strdup("");
    p->reel = reel_open(path, p->config, err);
    if (p->reel == NULL)
        return false;
    p->engine = engine_start(p->config, replay_backend(p->reel), err);
    assert_non_null(p->engine);
    engine_pace(p->engine, 1, true);
    return true;
}

void replayed_go(struct replayed *p, int64_t at_ms)
{
    assert_true(engine_go(p->engine, at_ms));
}

void replayed_close(struct replayed *p)
{
    if (p->engine != NULL)
        assert_true(engine_stop(p->engine, 1000));
    reel_close(p->reel);
    config_free(p->config);
}
