#include "model/pg_session.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static void from_holder(const struct pg_holder *h, struct pg_session *out)
{
    *out = (struct pg_session){.pid = h->pid,
                               .backend_start_ms = h->backend_start_ms,
                               .xact_start_ms = h->xact_start_ms,
                               .user = h->user,
                               .application_name = h->application_name,
                               .client_addr = h->client_addr,
                               .state = h->state,
                               .query = h->query,
                               .type = h->type,
                               .superuser = h->superuser,
                               .may_signal = h->may_signal};
}

bool pg_session_find(const struct pg_snap *pg, int pid, struct pg_session *out)
{
    for (size_t i = 0; pid > 0 && i < pg->nholders; i++) {
        if (pg->holders[i].pid == pid) {
            from_holder(&pg->holders[i], out);
            return true;
        }
    }
    for (size_t i = 0; pid > 0 && i < pg->nblocked; i++) {
        if (pg->blocked[i].by.pid == pid) {
            *out = pg->blocked[i].by;
            return true;
        }
    }
    return false;
}

/* A walsender's transaction is the slot's own reader, a backend of the server's own ends by itself.
 */
static bool can_pin(const struct pg_holder *h)
{
    return h->gid != NULL || h->type == NULL || strcmp(h->type, "client backend") == 0;
}

const struct pg_holder *pg_session_pin(const struct pg_snap *pg)
{
    const struct pg_holder *reader = NULL;
    for (size_t i = 0; i < pg->nholders; i++) {
        const struct pg_holder *h = &pg->holders[i];
        if (!can_pin(h))
            continue;
        if (h->xid_age != UNKNOWN)
            return h;
        if (reader == NULL)
            reader = h;
    }
    return reader;
}

/* Of the servers that others run: their owners' sessions are nobody else's. */
static bool belongs_to_the_service(const char *user)
{
    static const char *const users[] = {"rdsadmin", "cloudsqladmin", "azuresu", "azure_superuser"};
    for (size_t i = 0; user != NULL && i < ARRAY_LEN(users); i++)
        if (strcmp(user, users[i]) == 0)
            return true;
    return false;
}

const char *pg_session_refusal(const struct pg_session *s, const char *our_user, char *buf,
                               size_t size)
{
    const char *user = s->user != NULL ? s->user : "unknown";
    const char *app = s->application_name != NULL ? s->application_name : "";
    if (s->backend_start_ms == UNKNOWN || s->backend_start_ms == 0)
        (void)snprintf(buf, size, "since when pid %d runs is not readable: GRANT pg_monitor TO %s",
                       s->pid, our_user);
    else if (s->type == NULL || strcmp(s->type, "client backend") != 0)
        (void)snprintf(buf, size, "pid %d is no client's session: %s", s->pid,
                       s->type != NULL ? s->type : "its kind is not known");
    else if (strncmp(app, "cdctop", 6) == 0)
        (void)snprintf(buf, size, "pid %d is cdctop's own session", s->pid);
    else if (s->superuser != TRI_NO || belongs_to_the_service(s->user))
        (void)snprintf(buf, size, "pid %d belongs to %s, %s", s->pid, user,
                       s->superuser == TRI_UNKNOWN ? "who may be a superuser" : "a superuser");
    else if (s->may_signal == TRI_NO)
        (void)snprintf(buf, size,
                       "the role %s may not end sessions of %s: GRANT pg_signal_backend TO %s",
                       our_user, user, our_user);
    else
        return NULL;
    return buf;
}
