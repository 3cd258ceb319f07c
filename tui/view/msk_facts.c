#include "tui/view/msk_facts.h"

#include "base/human.h"
#include "model/metrics.h"

#include <math.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

static const char *or_unknown(const char *text)
{
    return text != NULL ? text : "unknown";
}

/* "3 × kafka.m7g.large, 500 GiB each" */
static const char *machines(const struct scene *s, const struct msk_snap *msk)
{
    if (is(msk->type, "SERVERLESS"))
        return "serverless";
    const char *times = s->app->ascii ? "x" : "×";
    const char *count =
        msk->brokers != UNKNOWN ? scene_text(s, "%lld", (long long)msk->brokers) : "?";
    const char *disk = msk->volume_gib != UNKNOWN
                           ? scene_text(s, ", %lld GiB each", (long long)msk->volume_gib)
                           : "";
    return scene_text(s, "%s %s %s%s", count, times,
                      msk->instance != NULL ? msk->instance : "brokers", disk);
}

const char *msk_facts_line(const struct scene *s, const struct msk_snap *msk)
{
    return scene_text(s, "%s%s%s, %s, ", or_unknown(msk->state),
                      msk->kafka_version != NULL ? ", Kafka " : "",
                      msk->kafka_version != NULL ? msk->kafka_version : "", machines(s, msk));
}

static void login(const struct scene *s, struct doc *d, const struct msk_snap *msk)
{
    const char *on = "";
    if (!msk->bootstraps_read) {
        doc_kv(d, "listeners", ROLE_UNKNOWN, "not told");
        return;
    }
    for (size_t i = 0; i < msk->nbootstraps; i++)
        on = scene_text(s, "%s%s%s", on, i > 0 ? ", " : "", msk->bootstraps[i].key);
    bool named = s->wp->config->kafka.bootstrap_servers.count > 0;
    if (named)
        doc_kv(d, "listener used", ROLE_TEXT, "what [pipeline.kafka] names");
    else if (msk->wanted != NULL)
        doc_kv(d, "listener used", ROLE_TEXT, msk->wanted);
    else
        doc_kv(d, "listener used", ROLE_CRIT, "none of those that are on fits");
    doc_kv(d, "listeners on", msk->nbootstraps > 0 ? ROLE_TEXT : ROLE_WARN,
           msk->nbootstraps > 0 ? on : "none");
}

static void reach(const struct scene *s, struct doc *d, const struct msk_snap *msk)
{
    bool open = msk->public_access != NULL && !is(msk->public_access, "DISABLED");
    if (msk->client_broker != NULL)
        doc_kv(d, "in transit", ROLE_TEXT, msk->client_broker);
    if (msk->public_access != NULL)
        doc_kv(d, "public access", open ? ROLE_WARN : ROLE_TEXT,
               open ? scene_text(s, "%s", msk->public_access) : "off");
    if (msk->monitoring != NULL)
        doc_kv(d, "monitoring", ROLE_TEXT, msk->monitoring);
    if (msk->customer_action != NULL && !is(msk->customer_action, "NONE"))
        doc_kv(d, "AWS wants",
               is(msk->customer_action, "CRITICAL_ACTION_REQUIRED") ? ROLE_CRIT : ROLE_WARN,
               msk->customer_action);
}

/* ---- brokers --------------------------------------------------------------------------------- */

enum { B_ID, B_INSTANCE, B_ADDRESS, B_VERSION, B_DISK, B_CPU, B_IN, B_OUT, B_AGE, B_COUNT };

/* The version is the cluster's, the address is for those who debug a network. */
static const struct {
    const char *title;
    int w, least; /* least: not shown on a page that is narrower */
    bool right;
} columns[B_COUNT] = {
    [B_ID] = {"BROKER",   6,  0,   true },
    [B_INSTANCE] = {"INSTANCE", 20, 0,   false},
    [B_ADDRESS] = {"ADDRESS",  15, 76,  false},
    [B_VERSION] = {"KAFKA",    9,  100, false},
    [B_DISK] = {"DISK",     6,  0,   true },
    [B_CPU] = {"CPU",      6,  0,   true },
    [B_IN] = {"IN",       9,  110, true },
    [B_OUT] = {"OUT",      9,  110, true },
    [B_AGE] = {"OLD",      5,  0,   true },
};

static const char *figure(const struct scene *s, const char *name, const char *object,
                          const struct cw_metric **out)
{
    const struct snapshot *snap = s->wp->sources[SOURCE_CLOUDWATCH].snap;
    char buf[HUMAN_SIZE];
    *out = snap != NULL ? cloudwatch_find(&snap->cloudwatch, SPACE_KAFKA, name, object) : NULL;
    if (*out == NULL || isnan((*out)->value))
        return "–";
    return scene_text(s, "%s", metric_value(buf, *out));
}

/* Of user and system together: the part of a broker's processors that is taken. */
static const char *load(const struct scene *s, const char *object, const struct cw_metric **out)
{
    const struct cw_metric *system;
    (void)figure(s, "CpuUser", object, out);
    (void)figure(s, "CpuSystem", object, &system);
    if (*out == NULL || system == NULL || isnan((*out)->value) || isnan(system->value))
        return "–";
    return scene_text(s, "%.0f %%", (*out)->value + system->value);
}

static void row(struct doc *d, const char *const texts[B_COUNT], unsigned style, unsigned disk)
{
    struct doc_cell cells[B_COUNT];
    int n = 0;
    for (int i = 0; i < B_COUNT; i++) {
        if (d->width >= columns[i].least)
            cells[n++] = (struct doc_cell){columns[i].w, columns[i].right,
                                           i == B_DISK ? disk : style, texts[i]};
    }
    doc_row(d, 4, cells, n);
}

/* Its figures; true: CloudWatch has told one. */
static bool broker(const struct scene *s, struct doc *d, const struct msk_snap *msk,
                   const struct msk_node *n)
{
    const struct threshold_config *t = &s->wp->config->thresholds;
    char object[METRIC_OBJECT];
    char age[HUMAN_SIZE];
    const struct cw_metric *disk;
    const struct cw_metric *cpu;
    const struct cw_metric *other;
    (void)metrics_broker(object, or_unknown(msk->name), n->id);
    const char *texts[B_COUNT] = {
        [B_ID] = scene_text(s, "%d", (int)n->id),
        [B_INSTANCE] = or_unknown(n->instance),
        [B_ADDRESS] = or_unknown(n->address),
        [B_VERSION] = or_unknown(n->version),
        [B_DISK] = figure(s, "KafkaDataLogsDiskUsed", object, &disk),
        [B_CPU] = load(s, object, &cpu),
        [B_IN] = figure(s, "BytesInPerSec", object, &other),
        [B_OUT] = figure(s, "BytesOutPerSec", object, &other),
    };
    int64_t old = metric_age_ms(disk != NULL ? disk : cpu, s->m->world->wall_ms);
    texts[B_AGE] = scene_text(s, "%s", human_age_ms(age, old));
    row(d, texts, ROLE_TEXT,
        disk != NULL && disk->value >= (double)t->broker_disk_warn_pct ? ROLE_WARN : ROLE_TEXT);
    return disk != NULL || cpu != NULL;
}

static void brokers(const struct scene *s, struct doc *d, const struct msk_snap *msk)
{
    enum { SHOWN = 60 };
    const char *heads[B_COUNT];
    bool told = false;
    for (int i = 0; i < B_COUNT; i++)
        heads[i] = columns[i].title;
    if (!msk->nodes_read || msk->nnodes == 0)
        return;
    doc_head(d, "Brokers of MSK", "figures are CloudWatch's, minutes late");
    row(d, heads, ROLE_DIM, ROLE_DIM);
    for (size_t i = 0; i < msk->nnodes && i < SHOWN; i++) {
        if (msk->nodes[i].id >= 0)
            told = broker(s, d, msk, &msk->nodes[i]) || told;
    }
    if (!told)
        doc_wrap(d, 4, ROLE_DIM, "CloudWatch has told none of their figures so far");
}

void msk_facts(const struct scene *s, struct doc *d)
{
    const struct source_slot *src = &s->wp->sources[SOURCE_MSK];
    enum source_state state = world_state(s->m->world, s->app->pipeline, SOURCE_MSK);
    char age[HUMAN_SIZE];
    if (state == STATE_OFF)
        return;
    bool old = state != STATE_FRESH && src->snap != NULL;
    doc_head(
        d, "MSK cluster",
        old ? scene_text(s, "as it was %s ago",
                         human_age_ms(age, world_age(s->m->world, s->app->pipeline, SOURCE_MSK)))
            : NULL);
    if (src->err.kind != ERR_NONE)
        doc_kv(d, "MSK says", ROLE_UNKNOWN, src->err.text);
    if (src->snap == NULL) {
        if (src->err.kind == ERR_NONE)
            doc_kv(d, "state", ROLE_DIM, "asked, no answer so far");
        return;
    }
    const struct msk_snap *msk = &src->snap->msk;
    bool active = is(msk->state, "ACTIVE");
    doc_kv(d, "cluster", ROLE_TEXT,
           scene_text(s, "%s%s%s", or_unknown(msk->name),
                      msk->kafka_version != NULL ? ", Kafka " : "",
                      msk->kafka_version != NULL ? msk->kafka_version : ""));
    doc_kv(d, "state",
           old      ? ROLE_DIM
           : active ? ROLE_OK
                    : ROLE_WARN,
           scene_text(s, "%s%s%s", or_unknown(msk->state), msk->state_message != NULL ? ": " : "",
                      msk->state_message != NULL ? msk->state_message : ""));
    if (msk->operation_arn != NULL)
        doc_kv(d, "under way", ROLE_INFO, msk->operation_arn);
    doc_kv(d, "brokers", ROLE_TEXT, machines(s, msk));
    if (is(msk->storage_mode, "TIERED"))
        doc_kv(d, "storage", ROLE_TEXT, "tiered");
    login(s, d, msk);
    reach(s, d, msk);
    brokers(s, d, msk);
}
