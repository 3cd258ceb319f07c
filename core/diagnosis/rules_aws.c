/* The way to AWS: credentials that end, calls that IAM refuses. (Its clock is among those of E02;
 * credentials that are refused altogether are Z01's.) */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <string.h>

/* Those that can be renewed are long before this. */
enum { LEFT_MS = 2 * 60 * 1000 };

static const struct aws_snap *aws_of(const struct rule_run *run)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_AWS);
    return snap != NULL ? &snap->aws : NULL;
}

static void ending(struct rule_run *run)
{
    const struct aws_snap *aws = aws_of(run);
    if (aws == NULL || aws->expires_ms == UNKNOWN)
        return;
    int64_t left = aws->expires_ms - world_server_now(run->world, run->index, SOURCE_AWS);
    if (aws->refresh_error == NULL && left > LEFT_MS)
        return;
    char text[HUMAN_SIZE];
    struct finding *f =
        left > 0 ? rule_emit(run, "aws", "the credentials for AWS end in %s and are not renewed",
                             human_duration_ms(text, left))
                 : rule_emit(run, "aws", "the credentials for AWS ended %s ago",
                             human_duration_ms(text, -left));
    if (aws->credentials != NULL)
        rule_evidence(run, f, "they come from: %s", aws->credentials);
    rule_evidence(run, f, "%s",
                  aws->refresh_error != NULL ? aws->refresh_error : "there is no later end so far");
    rule_advise(run, f,
                "renew them where they come from; from their end on nothing of AWS is told");
}

/* ---- what IAM refuses ------------------------------------------------------------------------ */

static const char statement_begins[] = "{\"Effect\"";

bool rule_aws_refused(enum source_kind kind, const struct note *note)
{
    return kind >= SOURCE_OWN_COUNT && note->fix != NULL &&
           strncmp(note->fix, statement_begins, sizeof(statement_begins) - 1) == 0;
}

struct refusals {
    struct refusal {
        const char *action, *statement;
        bool forbidden; /* by an explicit deny */
    } * items;
    size_t count, cap;
    size_t actions; /* different ones */
};

/* A service that is refused altogether says so itself, with its statement: its Z01. */
static bool is_said(const struct rule_run *run, const char *action)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) { /* a database's password may be a secret */
        const struct source_slot *s = &run->world->pipelines[run->index].sources[k];
        if (world_state(run->world, run->index, (enum source_kind)k) == STATE_FAILING &&
            s->err.kind == ERR_DENIED && strstr(s->err.text, action) != NULL)
            return true;
    }
    return false;
}

static bool has_action(const struct refusals *r, const char *action)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->items[i].action, action) == 0)
            return true;
    }
    return false;
}

static void add_refusal(struct rule_run *run, struct refusals *r, struct refusal one)
{
    r->actions += !has_action(r, one.action);
    struct refusal *to =
        arena_push(run->arena, &r->items, &r->count, &r->cap, sizeof(struct refusal));
    *to = one;
}

/* Of the calls that were refused so far. */
static void take_denied(struct rule_run *run, struct refusals *r)
{
    const struct aws_snap *aws = aws_of(run);
    for (size_t i = 0; aws != NULL && i < aws->ndenied; i++) {
        const struct aws_denied *d = &aws->denied[i];
        bool forbidden = d->message != NULL && strstr(d->message, "explicit deny") != NULL;
        if (d->action == NULL || is_said(run, d->action))
            continue;
        const char *statement = arena_printf(
            run->arena, "{\"Effect\": \"Allow\", \"Action\": \"%s\", \"Resource\": \"%s\"}%s",
            d->action, d->resource, forbidden ? " does not help: an explicit deny forbids it" : "");
        add_refusal(run, r, (struct refusal){d->action, statement, forbidden});
    }
}

/* … and of those that a service tells of before the list of them has come. */
static void take_notes(struct rule_run *run, struct refusals *r)
{
    static const char key[] = "\"Action\": \"";
    for (int k = SOURCE_OWN_COUNT; k < SOURCE_KIND_COUNT; k++) {
        const struct snapshot *snap = world_snap(run->world, run->index, (enum source_kind)k);
        for (size_t i = 0; snap != NULL && i < snap->notes.count; i++) {
            const struct note *n = &snap->notes.items[i];
            const char *at = rule_aws_refused((enum source_kind)k, n) ? strstr(n->fix, key) : NULL;
            if (at == NULL)
                continue;
            at += sizeof(key) - 1;
            const char *action = arena_strndup(run->arena, at, strcspn(at, "\""));
            if (!has_action(r, action) && !is_said(run, action))
                add_refusal(run, r, (struct refusal){action, n->fix, false});
        }
    }
}

void rule_aws_refusals(struct rule_run *run)
{
    struct refusals r = {0};
    size_t told = 0;
    take_denied(run, &r);
    take_notes(run, &r);
    if (r.count == 0)
        return;
    const char *first = r.items[0].action;
    size_t more = r.actions - 1;
    struct finding *f = more == 0 ? rule_emit(run, "aws", "IAM refuses %s", first)
                                  : rule_emit(run, "aws", "IAM refuses %s and %zu more call%s",
                                              first, more, more == 1 ? "" : "s");
    bool explicit = false;
    for (; told < r.count && f->nevidence < FINDING_EVIDENCE - 1; told++) {
        explicit = explicit || r.items[told].forbidden;
        rule_evidence(run, f, "%s", r.items[told].statement);
    }
    if (told < r.count)
        rule_evidence(run, f, "and %zu more", r.count - told);
    rule_advise(run, f, "%s",
                explicit ? "find the Deny (an SCP, a boundary, a policy of the resource); add the "
                           "other statements to our policy: cdctop check prints them"
                         : "add these statements to our policy: cdctop check prints them to paste");
}

const struct diag_rule rules_aws[] = {
    {.id = "A01",
     .severity = VERDICT_WARN,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_AWS),
     .eval = ending,
     .check = "aws sts get-caller-identity, with the same profile or role"},
    {.id = NULL},
};
