/* What the sources themselves say: one that does not answer is never "ok", and a missing right is
 * named with its remedy. */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "base/iamtext.h"
#include "base/mem.h"
#include "config/globs.h"
#include "config/msk_kind.h"

#include <stdio.h>
#include <string.h>

/* The age of the newest data swings with every file that is closed. */
enum { LATE_HOLD_MS = 4 * 1000 };

static const enum hop_id hop_of[SOURCE_KIND_COUNT] = {
    [SOURCE_POSTGRES] = HOP_SOURCE, [SOURCE_KAFKA] = HOP_TOPICS, [SOURCE_CONNECT] = HOP_CAPTURE,
    [SOURCE_S3] = HOP_OBJECTS,      [SOURCE_MSK] = HOP_TOPICS,   [SOURCE_MSK_CONNECT] = HOP_CAPTURE,
    [SOURCE_DMS] = HOP_CAPTURE,
};

/* What follows from a server that is down. One that merely refuses our login explains nothing: the
 * pipeline has logins of its own. */
/* clang-format off */
static const char *const follows[SOURCE_KIND_COUNT][RULE_EXPLAINS] = {
    [SOURCE_POSTGRES] = {"C01", "C02", "C06", "C11", "C18", "P04", "P06"},
    [SOURCE_KAFKA] = {"C18", "S02"},
    [SOURCE_CONNECT] = {"S02"},
    [SOURCE_S3] = {"K04", "K05", "K06", "K10", "S02"},
};
/* clang-format on */
static const char *const nothing[] = {NULL};

static bool is_down(enum err_kind kind)
{
    return kind == ERR_TIMEOUT || kind == ERR_REFUSED || kind == ERR_SERVER;
}

static bool is_ours(enum err_kind kind)
{
    return kind == ERR_AUTH || kind == ERR_DENIED || kind == ERR_NOTFOUND || kind == ERR_CONFIG;
}

/* A server that refuses us is up: "does not answer" would send people to the wrong place. */
static const char *verb(enum err_kind kind)
{
    switch (kind) {
    case ERR_AUTH: return "refuses the login";
    case ERR_DENIED: return "does not permit it";
    case ERR_NOTFOUND: return "says not found";
    case ERR_CONFIG: return "cannot be asked";
    case ERR_PROTOCOL: return "gives no answer that makes sense";
    default: return "does not answer";
    }
}

static const struct source_slot *slot_of(const struct rule_run *run, enum source_kind kind)
{
    return &run->world->pipelines[run->index].sources[kind];
}

static bool fails_as(const struct rule_run *run, enum source_kind kind, enum err_kind err)
{
    return world_state(run->world, run->index, kind) == STATE_FAILING &&
           slot_of(run, kind)->err.kind == err;
}

/* Does it log in with what AWS's credentials make: a signature, a token? */
static bool logs_in_by_aws(const struct rule_run *run, enum source_kind kind)
{
    const struct pipeline_config *cfg = run->world->pipelines[run->index].config;
    const struct snapshot *msk = world_snap(run->world, run->index, SOURCE_MSK);
    const struct msk_kind *listener =
        msk != NULL && msk->msk.wanted != NULL ? msk_kind_of(msk->msk.wanted) : NULL;
    switch (kind) {
    case SOURCE_POSTGRES: return strcmp(cfg->postgres.login, "rds-iam") == 0;
    case SOURCE_KAFKA:
        return strcmp(listener != NULL && listener->mechanism != NULL ? listener->mechanism
                                                                      : cfg->kafka.sasl_mechanism,
                      "AWS_MSK_IAM") == 0;
    case SOURCE_S3: return *cfg->s3.access_key_id == '\0';
    default: return kind > SOURCE_AWS;
    }
}

/* All of AWS is asked with the same credentials: where these are none, it is said once. Whatever
 * kept us from them has the same words everywhere. */
static bool lacks_aws(const struct rule_run *run, enum source_kind kind)
{
    const struct err *err = &slot_of(run, kind)->err;
    bool login = err->kind == ERR_AUTH || err->kind == ERR_CONFIG;
    return logs_in_by_aws(run, kind) && fails_as(run, SOURCE_AWS, err->kind) &&
           (login || strcmp(err->text, slot_of(run, SOURCE_AWS)->err.text) == 0);
}

/* Whose Z01 explains this one: see struct finding. */
static const char *waits_for(const struct rule_run *run, enum source_kind kind)
{
    enum err_kind err = slot_of(run, kind)->err.kind;
    enum source_state msk = world_state(run->world, run->index, SOURCE_MSK);
    if (kind == SOURCE_KAFKA && err == ERR_CONFIG && msk != STATE_OFF) {
        if (msk != STATE_FAILING)
            return NULL; /* the state of the cluster may be why its brokers are not told */
        return source_kind_name(lacks_aws(run, SOURCE_MSK) ? SOURCE_AWS : SOURCE_MSK);
    }
    if (lacks_aws(run, kind))
        return source_kind_name(SOURCE_AWS);
    /* A server that does not let us in is up: no trouble of its own explains that. */
    return is_ours(err) ? "" : NULL;
}

/* It answers, but not as often as we and others of the account ask. */
static bool throttles(const struct rule_run *run, enum source_kind kind)
{
    return kind >= SOURCE_OWN_COUNT && slot_of(run, kind)->err.kind == ERR_CONFLICT;
}

/* What AWS's own words name beats what the kind of the error tells. */
static const char *next_step(const struct rule_run *run, enum source_kind kind)
{
    const struct err *err = &slot_of(run, kind)->err;
    struct iam_denial denial;
    char advice[800];
    bool of_aws = kind == SOURCE_S3 || kind >= SOURCE_OWN_COUNT || logs_in_by_aws(run, kind);
    if (throttles(run, kind))
        return "raise interval in [pipeline.aws]; whoever else asks it with this account uses the "
               "same rate up";
    if (err->kind == ERR_DENIED && iam_denial_read(err->text, &denial))
        return arena_strdup(run->arena, iam_advice(advice, sizeof(advice), &denial));
    return of_aws ? iam_next_step(err) : err_next_step(err->kind);
}

static void no_answer(struct rule_run *run)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if (world_state(run->world, run->index, (enum source_kind)k) != STATE_FAILING)
            continue;
        const struct source_slot *s = slot_of(run, (enum source_kind)k);
        if (k == SOURCE_CONNECT && rule_workers_down(&s->err))
            continue;
        const char *name = source_kind_title((enum source_kind)k);
        bool slowed = throttles(run, (enum source_kind)k);
        struct finding *f = rule_emit(run, source_kind_name((enum source_kind)k), "%s %s: %s", name,
                                      slowed ? "throttles us" : verb(s->err.kind), s->err.text);
        f->hop = hop_of[k];
        f->folds = is_down(s->err.kind) ? follows[k] : nothing;
        f->waits_for = waits_for(run, (enum source_kind)k);
        /* What is wrong with our own way in says nothing about the pipeline: unknown it stays. Nor
         * does the silence of AWS's services, which only tell of things, say anything about them:
         * connectors and tasks go on without their interface. */
        bool teller = k >= SOURCE_OWN_COUNT;
        bool serious = s->fails >= 2 && !is_ours(s->err.kind) && !teller;
        f->severity = serious ? VERDICT_CRIT : VERDICT_UNKNOWN;
        rule_advise(run, f, "%s; what depends on it is unknown until then",
                    next_step(run, (enum source_kind)k));
        char age[HUMAN_SIZE];
        if (s->fails == 1)
            rule_evidence(run, f, "the latest poll failed");
        else
            rule_evidence(run, f, "%d polls in a row failed", s->fails);
        rule_evidence(run, f, "last good answer: %s",
                      s->snap == NULL ? "none since the start"
                                      : human_age_ms(age, world_age(run->world, run->index,
                                                                    (enum source_kind)k)));
    }
}

/* A slip of the pen there would change nothing, silently. */
static void join_mistakes(struct rule_run *run)
{
    const struct join_config *given = &run->world->pipelines[run->index].config->join;
    size_t at = 0;
    const char *entry;
    if (world_connectors(run->world, run->index) != STATE_FRESH)
        return;
    while ((entry = pipeline_join_unknown(given, run->p, &at)) != NULL) {
        struct finding *f =
            rule_emit(run, entry, "[pipeline.join] names %.*s: there is no such connector",
                      (int)strcspn(entry, "="), entry);
        f->hop = HOP_CAPTURE;
        rule_evidence(run, f, "entry = %s", entry);
        rule_advise(run, f, "write the name as its service does, or take the entry out");
    }
}

static void missing_rights(struct rule_run *run)
{
    join_mistakes(run);
    rule_aws_refusals(run);
    bool kafka_down = world_state(run->world, run->index, SOURCE_KAFKA) == STATE_FAILING;
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        const struct snapshot *snap = world_snap(run->world, run->index, (enum source_kind)k);
        if (snap == NULL)
            continue;
        for (size_t i = 0; i < snap->notes.count; i++) {
            const struct note *n = &snap->notes.items[i];
            /* A worker without its broker cannot tell topics and offsets: Z01 says why. */
            if (k == SOURCE_CONNECT && kafka_down)
                continue;
            /* Told once, with all the others that IAM refuses. */
            if (rule_aws_refused((enum source_kind)k, n))
                continue;
            struct finding *f =
                rule_emit(run, source_kind_name((enum source_kind)k), "%s", n->what);
            f->hop = hop_of[k];
            if (n->fix != NULL)
                rule_advise(run, f, "%s", n->fix);
        }
    }
}

/* ---- what the configuration names ------------------------------------------------------------ */

static bool is_there(const struct snapshot *snap, const char *pattern)
{
    char *one = (char *)(uintptr_t)pattern;
    const struct strlist globs = {.items = &one, .count = 1};
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        if (globs_match(&globs, snap->connect.connectors[i].name, false))
            return true;
    }
    return false;
}

static void not_there(struct rule_run *run, enum source_kind kind, const char *pattern)
{
    const struct notes *notes = &world_snap(run->world, run->index, kind)->notes;
    const char *service = source_kind_title(kind);
    const char *thing = kind == SOURCE_DMS ? "task" : "connector";
    bool several = strpbrk(pattern, "*?[") != NULL;
    if (notes->count > 0) { /* it told a part: the rest may be there */
        struct finding *f = rule_emit(run, pattern, "%s does not tell whether there is a %s %s",
                                      service, thing, pattern);
        f->severity = VERDICT_UNKNOWN;
        rule_evidence(run, f, "%s", notes->items[0].what);
        if (notes->items[0].fix != NULL)
            rule_advise(run, f, "%s", notes->items[0].fix);
        return;
    }
    struct finding *f = rule_emit(run, pattern, "%s has no %s%s %s", service, thing,
                                  several ? " like" : "", pattern);
    rule_evidence(run, f, "the configuration of this pipeline names it");
    rule_advise(run, f,
                "if it was deleted, find out by whom: its slot stays and keeps WAL; else mend the "
                "name in the configuration, or the region");
}

/* A connector that somebody deleted is in no list: the configuration alone knows of it. */
static void configured_and_gone(struct rule_run *run)
{
    const struct pipeline_config *cfg = run->world->pipelines[run->index].config;
    const struct {
        enum source_kind kind;
        const struct strlist *patterns;
    } named[] = {
        {SOURCE_CONNECT,     &cfg->connect.connectors   },
        {SOURCE_MSK_CONNECT, &cfg->mskconnect.connectors},
        {SOURCE_DMS,         &cfg->dms.tasks            },
    };
    for (size_t k = 0; k < ARRAY_LEN(named); k++) {
        if (world_state(run->world, run->index, named[k].kind) != STATE_FRESH)
            continue;
        const struct snapshot *snap = world_snap(run->world, run->index, named[k].kind);
        for (size_t i = 0; i < named[k].patterns->count; i++) {
            const char *pattern = named[k].patterns->items[i];
            if (pattern[0] != '!' && !is_there(snap, pattern))
                not_there(run, named[k].kind, pattern);
        }
    }
}

/* The last resort: nothing else is wrong, and yet the data comes late. */
static void end_to_end(struct rule_run *run)
{
    const struct pipeline *p = run->p;
    if (p->end_to_end < VERDICT_WARN)
        return;
    char a[HUMAN_SIZE];
    struct finding *f =
        rule_emit(run, p->name, "data reaches the far end %s%s after its commit",
                  p->end_to_end_more ? "more than " : "", human_duration_ms(a, p->end_to_end_ms));
    f->severity = p->end_to_end;
    int64_t capture = 0;
    int64_t sink = 0;
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *c = &p->connectors[i];
        int64_t *worst = c->facts->sink ? &sink : &capture;
        if (c->behind_ms != UNKNOWN && c->behind_ms > *worst)
            *worst = c->behind_ms;
    }
    rule_evidence(run, f, "%s of it in the capture", human_duration_ms(a, capture));
    rule_evidence(run, f, "%s of it before the sink", human_duration_ms(a, sink));
    rule_advise(run, f, "%s",
                capture > sink ? "the capture is slow or catches up: watch the slot's BEHIND"
                               : "the sink is slow or catches up: watch LAG of its topics");
}

const struct diag_rule rules_source[] = {
    {.id = "Z01",        .severity = VERDICT_UNKNOWN, .hop = HOP_SOURCE, .needs = 0, .eval = no_answer},
    {.id = "Z02", .severity = VERDICT_INFO, .hop = HOP_SOURCE, .needs = 0, .eval = missing_rights},
    {.id = "Z03",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = 0,
     .eval = configured_and_gone},
    {.id = RULE_LAST_RESORT,
     .severity = VERDICT_WARN,
     .hop = HOP_OBJECTS,
     .needs = 0,
     .hold_ms = LATE_HOLD_MS,
     .eval = end_to_end},
    {.id = NULL},
};
