/* discover_int.h: what the files of discover share. Not for others. */
#ifndef CDCTOP_REPORT_DISCOVER_INT_H
#define CDCTOP_REPORT_DISCOVER_INT_H

#include "config/options.h"
#include "report/discover.h"

enum { DISCOVER_TEXT = 4096 };

struct discover_work {
    const struct world *world;
    size_t index;
    const struct pipeline_config *given;
    const struct pipeline *p;
    const struct hints *hints;
    const struct discover_aws *aws; /* NULL: not asked */
    struct discovery *out;
    struct pipeline_config *pc; /* the one that is being filled */
    const struct connector_row *source;
    bool several;                         /* databases: then names and variables need their own */
    const struct connector_row **sources; /* the first one of each */
};

/* Is there something, and nothing in it that would act? */
bool discover_usable(const char *value);
/* False: nothing was there to set, or it is no value for this option. */
bool discover_put(struct pipeline_config *pc, enum option_section section, const char *key,
                  const char *value);
void discover_put_list(struct discover_work *w, enum option_section section, const char *key,
                       const struct strlist *list);
/* A reference to a variable; its name gets the database's where there are several. */
void discover_put_env(const struct discover_work *w, enum option_section section, const char *key,
                      const char *variable);
/* What was given, where it is a reference to a secret of AWS and so no secret itself; else a
 * variable. What a server wrote is never asked for: it would choose which secret goes where. */
void discover_put_login(struct discover_work *w, enum option_section section, const char *key,
                        const char *given, const char *variable);

/* The user of Kafka, by discover_put_login. */
void discover_put_user(struct discover_work *w);

/* discover_connectors.c: a source of each database, the first that tells most; first has room for
 * all connectors. */
size_t discover_databases(const struct pipeline *p, const struct connector_row **first);
/* Does the connector belong to the pipeline that is being filled? */
bool discover_belongs(const struct discover_work *w, const struct connector_row *c);
/* Does this service run any of that pipeline's connectors? */
bool discover_runs_some(const struct discover_work *w, enum connect_service service);
void discover_list_connectors(struct discover_work *w);
/* That there are several databases, and which connectors belong to none: never a guess in silence.
 */
void discover_tell_several(struct discover_work *w);

/* discover_aws.c */
void discover_tell_aws(struct discover_work *w); /* who we are there */
void discover_fill_aws(struct discover_work *w);
void discover_fill_rds(struct discover_work *w);
bool discover_at_rds(const char *host); /* by its name */
/* "${secret:NAME#KEY}" for what the source's config says of this key, malloc'd. NULL: it says no
 * such thing, or it is not certain that it may be asked for. */
char *discover_secret(struct discover_work *w, const char *host, const char *key);
/* True: the role logs in at RDS by its token, not by a password. */
bool discover_is_iam(const struct discover_work *w);

/* discover_msk.c: true when the way to the brokers is settled. */
bool discover_fill_msk(struct discover_work *w);

#endif
