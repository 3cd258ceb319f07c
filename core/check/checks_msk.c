/* Checks of the MSK cluster: its state, how one logs in, what it tells, who reaches it. */
#include "base/strbuf.h"
#include "check/checks.h"

#include <string.h>

static const struct msk_snap *msk_of(const struct check_run *run)
{
    return &world_snap(run->world, run->index, SOURCE_MSK)->msk;
}

static bool is(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

static void state(struct check_run *run)
{
    const struct msk_snap *msk = msk_of(run);
    bool bad = is(msk->state, "FAILED") || is(msk->state, "DELETING");
    struct check_line *line =
        check_say(run, msk->name,
                  is(msk->state, "ACTIVE") ? RESULT_OK
                  : bad                    ? RESULT_FAILED
                                           : RESULT_WARNING,
                  "%s%s%s%s%s", msk->state != NULL ? msk->state : "its state is not told",
                  msk->state_message != NULL ? ": " : "",
                  msk->state_message != NULL ? msk->state_message : "",
                  msk->kafka_version != NULL ? ", Kafka " : "",
                  msk->kafka_version != NULL ? msk->kafka_version : "");
    check_fix(run, line, FIX_SHELL, "aws kafka list-cluster-operations-v2 --cluster-arn %s",
              check_word(run, msk->arn != NULL ? msk->arn : "ARN"));
    if (msk->customer_action != NULL && !is(msk->customer_action, "NONE"))
        (void)check_say(run, msk->name,
                        is(msk->customer_action, "CRITICAL_ACTION_REQUIRED") ? RESULT_FAILED
                                                                             : RESULT_WARNING,
                        "MSK says %s: see the AWS Health Dashboard", msk->customer_action);
}

/* Which listeners are on, and whether ours is among them. */
static void login(struct check_run *run)
{
    const struct msk_snap *msk = msk_of(run);
    struct strbuf on;
    if (!msk->bootstraps_read) {
        (void)check_say(run, msk->name, RESULT_UNKNOWN, "its listeners were not told");
        return;
    }
    strbuf_init(&on, 1024);
    for (size_t i = 0; i < msk->nbootstraps; i++)
        strbuf_printf(&on, "%s%s", i > 0 ? ", " : "", msk->bootstraps[i].key);
    bool named = run->config->kafka.bootstrap_servers.count > 0;
    struct check_line *line;
    if (msk->wanted != NULL || named)
        line = check_say(run, msk->name, RESULT_OK, "%s%s is used; on are: %s",
                         named ? "what [pipeline.kafka] names" : "", named ? "" : msk->wanted,
                         on.text);
    else
        line = check_say(run, msk->name, RESULT_FAILED, "no listener fits; on are: %s",
                         on.len > 0 ? on.text : "none");
    check_fix(run, line, FIX_OTHER,
              "bootstrap in [pipeline.msk] chooses one, with its login in [pipeline.kafka]");
    if (msk->unauthenticated == TRI_YES) {
        line = check_say(run, msk->name, RESULT_WARNING, "it lets in whoever reaches it");
        check_fix(run, line, FIX_SHELL,
                  "aws kafka update-security --cluster-arn %s --current-version … "
                  "--client-authentication Unauthenticated={Enabled=false}",
                  check_word(run, msk->arn != NULL ? msk->arn : "ARN"));
    }
    strbuf_free(&on);
}

static void monitoring(struct check_run *run)
{
    const struct msk_snap *msk = msk_of(run);
    if (msk->monitoring == NULL)
        (void)check_say(run, msk->name, RESULT_OK,
                        is(msk->type, "SERVERLESS") ? "serverless: per topic" : "not told");
    else
        (void)check_say(run, msk->name, RESULT_OK, "%s%s", msk->monitoring,
                        is(msk->monitoring, "DEFAULT")
                            ? ": figures of the cluster and its brokers, none of topics"
                            : "");
}

static void reach(struct check_run *run)
{
    const struct msk_snap *msk = msk_of(run);
    bool open = msk->public_access != NULL && !is(msk->public_access, "DISABLED");
    bool plain = is(msk->client_broker, "PLAINTEXT") || is(msk->client_broker, "TLS_PLAINTEXT");
    struct check_line *line =
        check_say(run, msk->name, open ? RESULT_WARNING : RESULT_OK, "public access: %s",
                  msk->public_access != NULL ? msk->public_access : "none");
    check_fix(
        run, line, FIX_OTHER,
        "keep it only if clients outside the VPC need it: security groups decide who comes in");
    line = check_say(run, msk->name, plain ? RESULT_WARNING : RESULT_OK,
                     "between clients and brokers: %s",
                     msk->client_broker != NULL ? msk->client_broker : "TLS");
    check_fix(run, line, FIX_OTHER, "encryptionInTransit clientBroker = TLS");
}

#define MSK NEEDS_OF(SOURCE_MSK)

const struct check_row checks_msk[] = {
    {"msk.state",    "the MSK cluster is well", HOP_TOPICS, MSK, .eval = state},
    {"msk.login",    "there is a way to log in", HOP_TOPICS, MSK, .eval = login},
    {"msk.monitoring", "what CloudWatch is told", HOP_TOPICS, MSK, .eval = monitoring},
    {"msk.reach",    "who reaches the brokers", HOP_TOPICS, MSK, .eval = reach},
    {.id = NULL   },
};
