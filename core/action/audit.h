/* audit.h: the record of every change of a server: JSON lines, one before it is sent, one after.
 *
 * The file is created 0600, appended to, and synced before the request goes out: an action whose
 * record cannot be written is not sent. Also to syslog (facility user) where the config says so.
 *
 *   {"time":…,"phase":"request","id":3,"user":…,"uid":…,"host":…,"from":…,"pid":…,"pipeline":…,
 *    "action":"drop-slot","target":"old_export","request":["SELECT pg_drop_replication_slot(…)"]}
 *   {"time":…,"phase":"outcome","id":3,"pid":…,"action":…,"target":…,"state":"worked","text":…}
 */
#ifndef CDCTOP_ACTION_AUDIT_H
#define CDCTOP_ACTION_AUDIT_H

#include "action/action.h"

struct audit;

/* Where the record is by default, or path where that is given; malloc'd. */
char *audit_path(const char *path);

/* path "": $XDG_STATE_HOME/cdctop/audit.jsonl (~/.local/state); directories are made 0700. Opens
 * lazily: the first record opens the file. */
struct audit *audit_new(const char *path, bool to_syslog);
void audit_free(struct audit *audit);

/* False with ERR_IO when it is not safely on disk. */
bool audit_request(struct audit *audit, unsigned id, const struct action_args *args,
                   const char *pipeline, const char *const *request, size_t nrequest,
                   struct err *err);
bool audit_outcome(struct audit *audit, const struct action_status *status, struct err *err);

const char *action_state_name(enum action_state state); /* "worked", as in the record */

#endif
