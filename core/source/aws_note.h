/* aws_note.h: what a call to AWS that failed costs the rest of an answer, said with its remedy. */
#ifndef CDCTOP_SOURCE_AWS_NOTE_H
#define CDCTOP_SOURCE_AWS_NOTE_H

#include "aws/calls.h"
#include "base/err.h"
#include "model/snapshot.h"

/* What helps: the statement that a policy lacks, on this resource (NULL: "*"); where the service
 * throttles, fewer calls; else what the kind of the error says. Static, or in the snapshot's arena.
 */
const char *aws_remedy(struct snapshot *snap, enum aws_call call, const char *resource,
                       const struct err *err);

/* "WHAT: what the service said", with that remedy. */
void aws_note(struct snapshot *snap, enum aws_call call, const char *resource, const char *what,
              const struct err *err);

#endif
