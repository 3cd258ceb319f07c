/* What MSK says of the brokers beneath the topics: its state, what it wants of its customer, disks.
 */
#include "diagnosis/rules.h"

#include "base/mem.h"
#include "model/metrics.h"

#include <math.h>
#include <string.h>

static const struct msk_snap *msk_of(const struct rule_run *run)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_MSK);
    return snap != NULL ? &snap->msk : NULL;
}

static const char *name_of(const struct msk_snap *msk)
{
    return msk->name != NULL ? msk->name : "the cluster";
}

/* ---- K13: its state ---- */

struct state_meaning {
    const char *state, *title, *advice;
    enum verdict severity; /* while nothing of it is felt */
};

/* The service's model has no words for what they mean; these are those of its guide. */
static const struct state_meaning meanings[] = {
    {"CREATING",         "is still being made",                                             "wait until it is ACTIVE",                                  VERDICT_WARN},
    {"DELETING",         "is being deleted",                                                "find out who did it: its topics go with it",               VERDICT_CRIT},
    {"FAILED",           "failed",                                                          "read its stateInfo; a cluster in this state is made anew", VERDICT_CRIT},
    {"HEALING",          "is being healed by AWS: a broker is replaced",
     "wait: clients go on with the other brokers, and no change of the cluster is possible",                                                            VERDICT_WARN},
    {"MAINTENANCE",      "is being maintained by AWS: brokers go down one after the other",
     "wait: it is over by itself",                                                                                                                      VERDICT_INFO},
    {"REBOOTING_BROKER", "has a broker rebooted",                                           "wait: it is over by itself",                               VERDICT_INFO},
    {"UPDATING",         "is being changed: brokers may go down one after the other",
     "wait: it is over by itself",                                                                                                                      VERDICT_INFO},
};

static const struct state_meaning *meaning_of(const char *state)
{
    static const struct state_meaning other = {NULL, "is in a state that is new to cdctop",
                                               "look it up in the guide of MSK", VERDICT_WARN};
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        if (strcmp(meanings[i].state, state) == 0)
            return &meanings[i];
    }
    return &other;
}

/* How loud Kafka's own trouble is, which then is this one's. That we are not let in, or do not find
 * the way, is none of the cluster's. */
static enum verdict felt(const struct rule_run *run)
{
    enum verdict worst = VERDICT_NONE;
    enum err_kind kind = run->world->pipelines[run->index].sources[SOURCE_KAFKA].err.kind;
    bool down = kind == ERR_TIMEOUT || kind == ERR_REFUSED || kind == ERR_SERVER;
    if (world_state(run->world, run->index, SOURCE_KAFKA) == STATE_FAILING && down)
        return VERDICT_CRIT;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        if (t->leaderless > 0)
            return VERDICT_CRIT;
        if (t->under_replicated > 0)
            worst = VERDICT_WARN;
    }
    return worst;
}

static void state(struct rule_run *run)
{
    const struct msk_snap *msk = msk_of(run);
    if (msk->state == NULL || strcmp(msk->state, "ACTIVE") == 0)
        return;
    const struct state_meaning *m = meaning_of(msk->state);
    struct finding *f = rule_emit(run, name_of(msk), "MSK: %s %s", name_of(msk), m->title);
    enum verdict worse = felt(run);
    f->severity = worse > m->severity ? worse : m->severity;
    rule_evidence(run, f, "state = %s", msk->state);
    if (msk->state_code != NULL || msk->state_message != NULL)
        rule_evidence(run, f, "stateInfo = %s: %s", msk->state_code != NULL ? msk->state_code : "",
                      msk->state_message != NULL ? msk->state_message : "");
    if (msk->operation_arn != NULL)
        rule_evidence(run, f, "operation under way: %s", msk->operation_arn);
    rule_advise(run, f, "%s", m->advice);
}

/* ---- K14: what it wants of us ---- */

static void customer_action(struct rule_run *run)
{
    const struct msk_snap *msk = msk_of(run);
    if (msk->customer_action == NULL || strcmp(msk->customer_action, "NONE") == 0)
        return;
    bool critical = strcmp(msk->customer_action, "CRITICAL_ACTION_REQUIRED") == 0;
    struct finding *f =
        rule_emit(run, name_of(msk), "MSK %s on %s",
                  critical ? "demands an action" : "recommends an action", name_of(msk));
    f->severity = critical ? VERDICT_CRIT : VERDICT_INFO;
    rule_evidence(run, f, "customerActionStatus = %s", msk->customer_action);
    rule_advise(run, f, "read what it is in the AWS console or the AWS Health Dashboard%s",
                critical ? ": AWS cannot keep the cluster well without it" : "");
}

/* ---- K15: disks ---- */

enum { TOO_OLD_MS = 60 * 60 * 1000 };

static const struct cw_metric *fullest(const struct rule_run *run, const struct msk_snap *msk,
                                       int32_t *broker)
{
    const struct cloudwatch_snap *cw =
        &world_snap(run->world, run->index, SOURCE_CLOUDWATCH)->cloudwatch;
    const struct cw_metric *worst = NULL;
    for (size_t i = 0; msk->name != NULL && i <= msk->nnodes; i++) {
        char object[METRIC_OBJECT];
        int32_t id = i < msk->nnodes ? msk->nodes[i].id : -1;
        if (i < msk->nnodes && id < 0)
            continue;
        const struct cw_metric *m =
            cloudwatch_find(cw, SPACE_KAFKA, "KafkaDataLogsDiskUsed",
                            id >= 0 ? metrics_broker(object, msk->name, id) : msk->name);
        /* That of the whole cluster only where no broker's is told. */
        if (m == NULL || isnan(m->value) || metric_age_ms(m, run->world->wall_ms) > TOO_OLD_MS ||
            (id < 0 && worst != NULL) || (worst != NULL && m->value <= worst->value))
            continue;
        worst = m;
        *broker = id;
    }
    return worst;
}

static void disks(struct rule_run *run)
{
    const struct msk_snap *msk = msk_of(run);
    int32_t broker = -1;
    char age[METRIC_AGE];
    const struct cw_metric *m = fullest(run, msk, &broker);
    int warn = (int)run->limits->broker_disk_warn_pct,
        crit = (int)run->limits->broker_disk_crit_pct;
    if (m == NULL || m->value < warn)
        return;
    struct finding *f =
        broker >= 0 ? rule_emit(run, name_of(msk), "the disk of broker %d of %s is %.0f %% full",
                                (int)broker, name_of(msk), m->value)
                    : rule_emit(run, name_of(msk), "the disks of %s are %.0f %% full", name_of(msk),
                                m->value);
    f->severity = m->value >= crit ? VERDICT_CRIT : VERDICT_WARN;
    rule_evidence(run, f, "KafkaDataLogsDiskUsed = %.1f %% (thresholds %d %%, %d %%), %s", m->value,
                  warn, crit, metric_age(age, m, run->world->wall_ms));
    if (msk->volume_gib != UNKNOWN)
        rule_evidence(run, f, "each broker has %lld GiB", (long long)msk->volume_gib);
    rule_advise(
        run, f,
        "enlarge the brokers' storage (kafka:UpdateBrokerStorage, nothing stops "
        "meanwhile); a lower retention frees disk too, but deletes what sinks have not read");
}

const struct diag_rule rules_msk[] = {
    {.id = "K13",
     .severity = VERDICT_INFO,
     .hop = HOP_TOPICS,
     .needs = NEEDS(SOURCE_MSK),
     .eval = state,
     .explains = {"Z01", "K02", "C12", "C18", "C20", "K05", "K06", "K08", "K10"},
     .check = "aws kafka list-cluster-operations-v2 --cluster-arn … tells who began what"},
    {.id = "K14",
     .severity = VERDICT_INFO,
     .hop = HOP_TOPICS,
     .needs = NEEDS(SOURCE_MSK),
     .eval = customer_action},
    {.id = "K15",
     .severity = VERDICT_WARN,
     .hop = HOP_TOPICS,
     .needs = NEEDS(SOURCE_MSK) | NEEDS(SOURCE_CLOUDWATCH),
     .eval = disks,
     .check = "the sizes of its topics; whether retention is what it should be"},
    {.id = NULL},
};
