#include "tests/unit/msk_world.h"

#include "base/lsn.h"
#include "base/mem.h"
#include "model/metrics.h"

#include <stdlib.h>
#include <string.h>

#define ARN "arn:aws:kafkaconnect:eu-west-3:111122223333:connector/%s/8a"

/* Takes the connectors of Connect's answer over: the same ones, run by MSK Connect. */
static void to_msk(struct snapshot *snap)
{
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        struct connect_connector *c = &snap->connect.connectors[i];
        struct msk_connector *msk = arena_alloc(snap->arena, sizeof(*msk));
        *msk = (struct msk_connector){.arn = arena_printf(snap->arena, ARN, c->name),
                                      .connect_version = "3.7.x",
                                      .described = true,
                                      .can_restart = TRI_YES,
                                      .can_pause = TRI_YES};
        c->service = SERVICE_MSK_CONNECT;
        c->msk = msk;
        c->tasks = NULL;
        c->ntasks = 0;
        c->offsets_read = false;
        c->lsn = LSN_NONE;
    }
    snap->connect.url = "https://kafkaconnect.eu-west-3.amazonaws.com";
}

void msk_connectors(struct fixture *f, struct snapshot *snap)
{
    fixture_connect(f, snap);
    to_msk(snap);
}

void msk_takes_over(struct fixture *f)
{
    struct source_slot *own = &f->world->pipelines[0].sources[SOURCE_CONNECT];
    f->silent[SOURCE_CONNECT] = true;
    f->edit[SOURCE_MSK_CONNECT] = msk_connectors;
    snapshot_free(own->snap);
    *own = (struct source_slot){0};
}

void msk_figure(const struct fixture *f, struct snapshot *snap, const char *connector,
                const char *name, double value, double before)
{
    enum { MOST = 8 };
    struct cloudwatch_snap *cw = &snap->cloudwatch;
    if (cw->metrics == NULL)
        cw->metrics = arena_array(snap->arena, MOST, sizeof(*cw->metrics));
    cw->metrics[cw->nmetrics++] = (struct cw_metric){.space = SPACE_CONNECT,
                                                     .name = name,
                                                     .object = connector,
                                                     .stat = "Average",
                                                     .value = value,
                                                     .at_ms = f->wall_ms - 120 * 1000,
                                                     .before = before,
                                                     .before_ms = f->wall_ms - 720 * 1000};
    cloudwatch_sort(cw);
}

void msk_operation(const struct fixture *f, struct snapshot *snap, const char *connector,
                   const char *type, const char *state, bool ended)
{
    struct msk_operation *op = arena_alloc(snap->arena, sizeof(*op));
    *op = (struct msk_operation){.arn = "arn:aws:kafkaconnect:op/1",
                                 .type = type,
                                 .state = state,
                                 .created_ms = f->wall_ms - 60 * 1000,
                                 .ended_ms = ended ? f->wall_ms : UNKNOWN};
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        struct connect_connector *c = &snap->connect.connectors[i];
        if (strcmp(c->name, connector) != 0)
            continue;
        struct msk_connector *m = arena_alloc(snap->arena, sizeof(*m));
        *m = *c->msk;
        m->operations = op;
        m->noperations = 1;
        c->msk = m;
    }
}
