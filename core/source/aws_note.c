#include "source/aws_note.h"

const char *aws_remedy(struct snapshot *snap, enum aws_call call, const char *resource,
                       const struct err *err)
{
    if (err->kind == ERR_CONFLICT) /* of a call that only reads: it throttles */
        return "nothing, if it passes; else raise interval in [pipeline.aws]";
    if (err->kind != ERR_DENIED)
        return err_next_step(err->kind);
    return arena_printf(snap->arena,
                        "{\"Effect\": \"Allow\", \"Action\": \"%s\", \"Resource\": \"%s\"}",
                        aws_calls[call].action, resource != NULL ? resource : "*");
}

void aws_note(struct snapshot *snap, enum aws_call call, const char *resource, const char *what,
              const struct err *err)
{
    snapshot_note(snap, aws_remedy(snap, call, resource, err), "%s: %s", what, err->text);
}
