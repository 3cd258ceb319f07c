#include "model/peek.h"

#include "base/mem.h"

#include <stdlib.h>

struct peek_request *peek_request_copy(const struct peek_request *request)
{
    struct peek_request *copy = mem_alloc(sizeof(*copy));
    *copy = *request;
    copy->name = mem_strdup(request->name);
    return copy;
}

void peek_request_free(struct peek_request *request)
{
    if (request == NULL)
        return;
    free((char *)(uintptr_t)request->name);
    free(request);
}

struct peek_answer *peek_answer_new(unsigned id, const struct peek_request *request)
{
    struct peek_answer *answer = mem_alloc(sizeof(*answer));
    answer->arena = arena_new();
    answer->id = id;
    answer->request = peek_request_copy(request);
    return answer;
}

void peek_answer_free(struct peek_answer *answer)
{
    if (answer == NULL)
        return;
    peek_request_free(answer->request);
    arena_free(answer->arena);
    free(answer);
}
