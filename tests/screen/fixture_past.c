/* What was seen of the failed sink before: fed as the source would, a few answers of Connect. */
#include "tests/screen/fixture_int.h"

static void seen(struct connector_history *h, int64_t ago_ms, const char *task,
                 const char *schemas_enable)
{
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    struct connect_connector *c = arena_alloc(snap->arena, sizeof(*c));
    struct kv *config = arena_alloc(snap->arena, sizeof(*config));
    *config = (struct kv){"value.converter.schemas.enable", schemas_enable};
    *c = (struct connect_connector){
        .name = "s3-sink", .state = "RUNNING", .worker = "10.0.4.11:8083"};
    c->config = config;
    c->nconfig = 1;
    c->ntasks = 3;
    c->tasks = arena_array(snap->arena, c->ntasks, sizeof(*c->tasks));
    for (int i = 0; i < 3; i++)
        c->tasks[i] = (struct connect_task){
            .id = i,
            .state = i == 1 ? task : "RUNNING",
            .worker = ago_ms < 700000 ? "10.0.4.12:8083" : "10.0.4.11:8083",
            .cause = "AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; "
                     "Error Code: AccessDenied)"};
    snap->mono_ms = FIXTURE_MONO - ago_ms;
    snap->wall_ms = FIXTURE_WALL - ago_ms;
    snap->connect.connectors = c;
    snap->connect.nconnectors = 1;
    connector_history_feed(h, snap);
    snapshot_free(snap);
}

void fixture_past(struct fixture *f)
{
    static const struct connect_connector sink = {.name = "s3-sink"};
    struct connector_history *h = f->world->pipelines[0].history;
    seen(h, 1200000, "RUNNING", "true");
    seen(h, 1000000, "RUNNING", "false");
    seen(h, 961000, "FAILED", "false");
    seen(h, 900000, "RUNNING", "false");
    seen(h, 600000, "RUNNING", "false");
    connector_history_asked(h, &sink, "restart", false, FIXTURE_MONO - 300000,
                            FIXTURE_WALL - 300000);
    connector_history_outcome(h, &sink, true, "RUNNING 3/3 and data moves: worked after 4 s",
                              FIXTURE_MONO - 296000, FIXTURE_WALL - 296000);
    seen(h, 192000, "FAILED", "false");
}
