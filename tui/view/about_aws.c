#include "tui/view/about_aws.h"

#include "base/human.h"
#include "base/mem.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_W, COUNT_W, THROTTLED_W, COST_W, WIDTHS, INDENT = 4, SKEW_MS = 5000 };

static const char *known(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "not told";
}

/* "$0.0123": list prices, so an estimate. */
static const char *dollars(const struct scene *s, int64_t micro)
{
    if (micro == UNKNOWN)
        return "–";
    return scene_text(s, micro < 10 * 1000 ? "$%.4f" : "$%.2f", (double)micro / 1e6);
}

static void until(const struct scene *s, struct doc *d, const struct aws_snap *aws, size_t pipeline)
{
    char text[HUMAN_SIZE];
    int64_t left = aws->expires_ms != UNKNOWN
                       ? aws->expires_ms - world_server_now(s->m->world, pipeline, SOURCE_AWS)
                       : 0;
    if (aws->expires_ms == UNKNOWN)
        doc_kv(d, "they end", ROLE_TEXT, "no end is told");
    else
        doc_kvf(d, "they end", left > 0 ? ROLE_TEXT : ROLE_WARN, left > 0 ? "in %s" : "%s ago",
                human_duration_ms(text, left > 0 ? left : -left));
    if (aws->refresh_error != NULL)
        doc_kv(d, "not renewed", ROLE_WARN, aws->refresh_error);
}

static void identity(const struct scene *s, struct doc *d, const struct aws_snap *aws,
                     size_t pipeline)
{
    char text[HUMAN_SIZE];
    doc_kv(d, "identity", aws->arn != NULL ? ROLE_TEXT : ROLE_UNKNOWN, known(aws->arn));
    doc_kv(d, "account", ROLE_TEXT, known(aws->account));
    doc_kv(d, "region", ROLE_TEXT, known(aws->region));
    doc_kv(d, "credentials", ROLE_TEXT, known(aws->credentials));
    until(s, d, aws, pipeline);
    if (aws->skew_ms != UNKNOWN) {
        int64_t off = aws->skew_ms < 0 ? -aws->skew_ms : aws->skew_ms;
        if (off < SKEW_MS)
            doc_kv(d, "its clock", ROLE_TEXT, "as this machine's, to a few seconds");
        else
            doc_kvf(d, "its clock", ROLE_WARN, "%s %s of this machine; requests are signed by it",
                    human_duration_ms(text, off), aws->skew_ms > 0 ? "ahead" : "behind");
    }
}

static const char *count(const struct scene *s, int64_t n)
{
    char buf[HUMAN_SIZE];
    return scene_text(s, "%s", human_count(buf, n));
}

/* Signatures and policies have other names of them than people. */
static const char *title_of(const char *service)
{
    static const struct {
        const char *name, *title;
    } titles[] = {
        {"kafka",          "MSK"            },
        {"kafkaconnect",   "MSK Connect"    },
        {"dms",            "DMS"            },
        {"rds",            "RDS"            },
        {"monitoring",     "CloudWatch"     },
        {"logs",           "CloudWatch Logs"},
        {"secretsmanager", "Secrets Manager"},
        {"sts",            "STS"            },
        {"s3",             "S3"             },
    };
    for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
        if (strcmp(titles[i].name, service) == 0)
            return titles[i].title;
    }
    return service;
}

static const int *widths(const struct doc *d)
{
    enum { NARROW = 72 };
    static const int narrow[WIDTHS] = {14, 8, 9, 9}, wide[WIDTHS] = {24, 9, 9, 12};
    return d->width < NARROW ? narrow : wide;
}

/* The calls of a service together; rows of the same service stand together in the snapshot. */
static size_t service(const struct scene *s, struct doc *d, const struct aws_snap *aws, size_t at)
{
    struct aws_spent sum = {.service = aws->spent[at].service, .usd_micro = UNKNOWN};
    for (; at < aws->nspent && strcmp(aws->spent[at].service, sum.service) == 0; at++) {
        const struct aws_spent *one = &aws->spent[at];
        sum.calls += one->calls;
        sum.errors += one->errors;
        sum.throttled += one->throttled;
        if (one->usd_micro != UNKNOWN)
            sum.usd_micro = one->usd_micro + (sum.usd_micro != UNKNOWN ? sum.usd_micro : 0);
    }
    const int *w = widths(d);
    const char *cost = sum.usd_micro != UNKNOWN ? dollars(s, sum.usd_micro) : "free";
    unsigned errors = sum.errors > 0 ? ROLE_WARN : ROLE_DIM;
    unsigned throttled = sum.throttled > 0 ? ROLE_WARN : ROLE_DIM;
    const struct doc_cell cells[] = {
        {w[NAME_W],    false,      ROLE_TEXT, title_of(sum.service)},
        {w[COUNT_W],   true,       ROLE_TEXT, count(s,               sum.calls)},
        {w[COUNT_W],            true,             errors,       count(s,          sum.errors)},
        {w[THROTTLED_W], true,           throttled,       count(s,               sum.throttled)},
        {w[COST_W],     true, ROLE_TEXT,    cost  },
    };
    doc_row(d, INDENT, cells, ARRAY_LEN(cells));
    return at;
}

static void requests(const struct scene *s, struct doc *d, const struct aws_snap *aws)
{
    const int *w = widths(d);
    const struct doc_cell head[] = {
        {w[NAME_W],      false, ROLE_DIM, "SERVICE"  },
        {w[COUNT_W],     true,  ROLE_DIM, "REQUESTS" },
        {w[COUNT_W],     true,  ROLE_DIM, "ERRORS"   },
        {w[THROTTLED_W], true,  ROLE_DIM, "THROTTLED"},
        {w[COST_W],      true,  ROLE_DIM, "COST est."},
    };
    doc_kv(d, "cost", ROLE_TEXT,
           aws->usd_micro_per_hour != UNKNOWN
               ? scene_text(s, "%s an hour est., by list prices and the pace of the last minutes",
                            dollars(s, aws->usd_micro_per_hour))
               : "an estimate takes five minutes");
    if (aws->nspent == 0)
        return;
    doc_row(d, INDENT, head, ARRAY_LEN(head));
    for (size_t i = 0; i < aws->nspent;)
        i = service(s, d, aws, i);
}

void about_aws(const struct scene *s, struct doc *d, size_t pipeline)
{
    const struct snapshot *snap = s->m->world->pipelines[pipeline].sources[SOURCE_AWS].snap;
    if (snap == NULL)
        return;
    bool fresh = world_state(s->m->world, pipeline, SOURCE_AWS) == STATE_FRESH;
    doc_head(d, "AWS", fresh ? NULL : "as it was when it last answered");
    identity(s, d, &snap->aws, pipeline);
    requests(s, d, &snap->aws);
}
