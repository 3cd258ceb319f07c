/* detail_msk.c: a connector of MSK Connect: where it runs, its figures and how old they are, its
 * operations, and what can be done to it. */
#include "tui/view/detail_msk.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/metrics.h"
#include "tui/view/action_lines.h"
#include "tui/view/detail_log.h"

#include <string.h>

enum { OPERATIONS_SHOWN = 8 };

static const char *capacity(const struct scene *s, const struct msk_connector *m)
{
    const char *mcu =
        m->mcu != UNKNOWN ? scene_text(s, "%lld MCU each", (long long)m->mcu) : "MCU not told";
    if (!m->autoscaled)
        return m->workers != UNKNOWN ? scene_text(s, "%lld worker%s, %s", (long long)m->workers,
                                                  m->workers == 1 ? "" : "s", mcu)
                                     : mcu;
    const char *most = m->max_tasks != UNKNOWN
                           ? scene_text(s, ", at most %lld tasks", (long long)m->max_tasks)
                           : "";
    return scene_text(s, "%lld to %lld workers by load, %s%s", (long long)m->min_workers,
                      (long long)m->max_workers, mcu, most);
}

/* Last part of an ARN that people know: "custom-plugin/debezium/11-2". */
static const char *short_arn(const char *arn)
{
    for (int colons = 0; colons < 5; colons++) {
        const char *colon = strchr(arn, ':');
        if (colon == NULL)
            return arn;
        arn = colon + 1;
    }
    return arn;
}

static void figures(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    static const struct {
        const char *label, *name;
    } shown[] = {
        {"workers now",       "WorkerCount"                 },
        {"CPU",               "CpuUtilization"              },
        {"memory",            "MemoryUtilization"           },
        {"reads per second",  "SourceRecordPollRate"        },
        {"writes per second", "SourceRecordWriteRate"       },
        {"reads per second",  "SinkRecordReadRate"          },
        {"writes per second", "SinkRecordSendRate"          },
        {"rebalances",        "RebalanceCompletedTotal"     },
        {"last rebalance",    "RebalanceTimeSinceLast"      },
        {"task starts",       "TaskStartupSuccessPercentage"},
    };
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_CLOUDWATCH);
    char a[HUMAN_SIZE];
    char b[METRIC_AGE];
    if (!row->tasks_known)
        doc_kvf(d, "tasks", ROLE_DIM, "not known: CloudWatch counts them, %s",
                world_state(s->m->world, s->app->pipeline, SOURCE_CLOUDWATCH) == STATE_FAILING
                    ? "and does not answer"
                    : "while it runs");
    else
        doc_kvf(d, "tasks", row->failed > 0 ? ROLE_CRIT : ROLE_TEXT,
                "%d running, %d failed, counted %s ago", row->running, row->failed,
                human_age_ms(a, s->m->wall_ms - row->tasks_ms));
    for (size_t i = 0; snap != NULL && i < ARRAY_LEN(shown); i++) {
        const struct cw_metric *m =
            cloudwatch_find(&snap->cloudwatch, SPACE_CONNECT, shown[i].name, row->connector->name);
        if (m != NULL)
            doc_kvf(d, shown[i].label, ROLE_TEXT, "%s, %s", metric_value(a, m),
                    metric_age(b, m, s->m->wall_ms));
    }
}

static void facts(const struct scene *s, struct doc *d, const struct msk_connector *m)
{
    char iso[40];
    if (m->description != NULL && m->description[0] != '\0')
        doc_kv(d, "description", ROLE_TEXT, m->description);
    if (m->state_message != NULL || m->state_code != NULL)
        doc_kvf(d, "it says", ROLE_WARN, "%s%s%s", m->state_code != NULL ? m->state_code : "",
                m->state_code != NULL && m->state_message != NULL ? ": " : "",
                m->state_message != NULL ? m->state_message : "");
    doc_kv(d, "capacity", ROLE_TEXT, capacity(s, m));
    if (m->connect_version != NULL)
        doc_kvf(d, "version", ROLE_TEXT, "Kafka Connect %s", m->connect_version);
    if (m->bootstrap_servers != NULL)
        doc_kvf(d, "Kafka", ROLE_TEXT, "%s, login %s", m->bootstrap_servers,
                m->authentication != NULL ? m->authentication : "not told");
    if (m->role_arn != NULL)
        doc_kv(d, "role", ROLE_TEXT, m->role_arn);
    for (size_t i = 0; i < m->nplugins; i++)
        doc_kv(d, i == 0 ? "plugins" : "", ROLE_TEXT, short_arn(m->plugins[i]));
    doc_kv(d, "workers' log", m->log_group != NULL ? ROLE_TEXT : ROLE_DIM,
           m->log_group != NULL ? m->log_group : "not in CloudWatch");
    if (m->created_ms != UNKNOWN)
        doc_kv(d, "created", ROLE_TEXT,
               scene_text(s, "%s", clock_iso(m->created_ms, iso, sizeof(iso))));
    doc_kv(d, "ARN", ROLE_DIM, m->arn);
}

static void operations(const struct scene *s, struct doc *d, const struct msk_connector *m)
{
    doc_head(d, "Operations", m->noperations == 0 ? "MSK Connect tells of none" : "newest first");
    for (size_t i = 0; i < m->noperations && i < OPERATIONS_SHOWN; i++) {
        const struct msk_operation *op = &m->operations[i];
        char a[HUMAN_SIZE];
        bool runs = op->ended_ms == UNKNOWN;
        bool failed = op->state != NULL && (strstr(op->state, "FAILED") != NULL ||
                                            strstr(op->state, "ROLLBACK") != NULL);
        int64_t age = op->created_ms != UNKNOWN ? s->m->wall_ms - op->created_ms : UNKNOWN;
        struct doc_cell cells[] = {
            {9,               true,                           ROLE_DIM,
             age != UNKNOWN ? scene_text(s,                                                                          "%s ago", human_age_ms(a, age)) : "–"},
            {30, false,                  ROLE_TEXT,                                   op->type != NULL ? op->type : "–"                                                                   },
            {0,      false,
             failed ? ROLE_WARN
             : runs ? ROLE_INFO
                    : ROLE_TEXT,
             op->state != NULL ? op->state : "–"},
        };
        doc_row(d, 4, cells, 3);
        if (op->error_code != NULL || op->error_message != NULL)
            doc_wrap(d, 15, ROLE_WARN,
                     scene_text(s, "%s%s%s", op->error_code != NULL ? op->error_code : "",
                                op->error_code != NULL && op->error_message != NULL ? ": " : "",
                                op->error_message != NULL ? op->error_message : ""));
    }
}

void detail_msk(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    const struct msk_connector *m = row->connector->msk;
    doc_head(d, "MSK Connect", m->described ? NULL : "its description cannot be read");
    figures(s, d, row);
    facts(s, d, m);
    detail_log(s, d, row);
    action_lines(s, d, row);
    operations(s, d, m);
}
