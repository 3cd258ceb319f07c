/* What AWS's refusals say, in traces and answers: the statement made of it is JSON. */
#include "base/arena.h"
#include "base/iamtext.h"
#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct iam_denial denial;
    char statement[IAM_STATEMENT], advice[800];
    if (iam_denial_read(arena_strndup(arena, (const char *)data, size), &denial)) {
        iam_statement(statement, sizeof(statement), &denial);
        cJSON *root = json_parse(statement, strlen(statement), NULL);
        if (root == NULL)
            abort();
        cJSON_Delete(root);
        iam_advice(advice, sizeof(advice), &denial);
    }
    arena_free(arena);
    return 0;
}
