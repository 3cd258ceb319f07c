/* What a service of AWS answers: an error in each of the protocols, a tree of XML, keys as
 * programs, containers and instances give them. The first line is the x-amzn-errortype header. */
#include "aws/creds_int.h"
#include "aws/fault.h"
#include "net/xmltree.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every node is asked for what accessors take; NUL-terminated texts are what they promise. */
static size_t walk(const struct xmlnode *node, int depth)
{
    size_t n = 0;
    for (const struct xmlnode *c = node->child; c != NULL; c = c->next) {
        n += strlen(c->name) + strlen(c->text) + walk(c, depth + 1);
        (void)xmltree_int(node, c->name);
        (void)xmltree_tri(node, c->name);
        (void)xmltree_time(node, c->name);
        if (xmltree_find(node, c->name) == NULL || depth > XMLTREE_MAX_DEPTH)
            abort();
    }
    return n;
}

static void faults(const char *errortype, const char *body, size_t len)
{
    static const enum aws_protocol protocols[] = {AWS_REST_JSON, AWS_JSON_1_1, AWS_QUERY,
                                                  AWS_REST_XML};
    static const long statuses[] = {400, 403, 404, 429, 500};
    for (size_t p = 0; p < sizeof(protocols) / sizeof(protocols[0]); p++) {
        for (size_t s = 0; s < sizeof(statuses) / sizeof(statuses[0]); s++) {
            struct aws_fault f;
            aws_fault_read(protocols[p], statuses[s], errortype, body, len, &f);
            if (f.kind == ERR_NONE || strpbrk(f.message, "\r\n\x1b") != NULL ||
                strlen(f.code) >= sizeof(f.code) || strpbrk(f.resource, " \"\\") != NULL)
                abort();
        }
    }
}

/* Keys that are taken go into headers: no blank and no line break is in them. */
static void keys(const char *body, size_t len)
{
    static const struct creds_shape shapes[] = {
        {.token_key = "Token",        .ends = true},
        {.token_key = "SessionToken", .version = 1},
    };
    char said[80];
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct aws_credentials got = {0};
        struct err err = ERR_INIT;
        bool ok = creds_json(body, len, &shapes[i], &got, &err);
        if (ok ? got.access_key_id == NULL || strpbrk(got.access_key_id, " \r\n") != NULL ||
                     strpbrk(got.secret_access_key, " \r\n") != NULL ||
                     (got.session_token != NULL && strpbrk(got.session_token, " \r\n") != NULL)
               : err.kind == ERR_NONE)
            abort();
        aws_credentials_free(&got);
    }
    creds_json_say(body, len, "Message", said, sizeof(said));
    if (strpbrk(said, "\r\n\x1b") != NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t head = end != NULL ? (size_t)(end - data) : 0;
    char errortype[80];
    size_t n = head < sizeof(errortype) - 1 ? head : sizeof(errortype) - 1;
    memcpy(errortype, data, n);
    errortype[n] = '\0';
    size_t from = end != NULL ? head + 1 : 0;
    /* A copy of just that length: what reads beyond it is found. */
    char *body = malloc(size - from + 1);
    if (body == NULL)
        return 0;
    memcpy(body, data + from, size - from);
    faults(errortype, body, size - from);
    keys(body, size - from);
    struct arena *arena = arena_new();
    struct err err = ERR_INIT;
    const struct xmlnode *root = xmltree_read(body, size - from, arena, &err);
    if (root != NULL)
        (void)walk(root, 0);
    else if (err.kind == ERR_NONE)
        abort();
    arena_free(arena);
    free(body);
    return 0;
}
