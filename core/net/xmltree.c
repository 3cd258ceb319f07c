#include "net/xmltree.h"

#include "base/clock.h"
#include "base/strbuf.h"

#include <errno.h>
#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    XML_Parser parser;
    struct arena *arena;
    struct err *err;
    bool failed;
    size_t nodes;
    int depth;
    struct xmlnode *open[XMLTREE_MAX_DEPTH];
    struct xmlnode **tail[XMLTREE_MAX_DEPTH]; /* where the next child of open[i] goes */
    struct xmlnode *root;
    struct strbuf text; /* of the innermost element, since its last tag */
};

static void give_up(struct builder *b, enum err_kind kind, const char *why)
{
    if (!b->failed)
        err_set(b->err, kind, 0, "the answer in XML: %s", why);
    b->failed = true;
    XML_StopParser(b->parser, XML_FALSE);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *sysid,
                               const XML_Char *pubid, int internal)
{
    (void)name, (void)sysid, (void)pubid, (void)internal;
    give_up(arg, ERR_PROTOCOL, "it declares a DOCTYPE, which AWS never does");
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attrs)
{
    struct builder *b = arg;
    (void)attrs;
    if (b->failed)
        return;
    if (b->depth == XMLTREE_MAX_DEPTH) {
        give_up(b, ERR_PROTOCOL, "elements nested too deep");
        return;
    }
    if (b->nodes++ == XMLTREE_MAX_NODES) {
        give_up(b, ERR_TOOBIG, "too many elements");
        return;
    }
    const char *colon = strrchr(name, ':');
    struct xmlnode *node = arena_alloc(b->arena, sizeof(*node));
    node->name = arena_strdup(b->arena, colon != NULL ? colon + 1 : name);
    node->text = "";
    if (b->depth == 0) {
        b->root = node;
    } else {
        *b->tail[b->depth - 1] = node;
        b->tail[b->depth - 1] = &node->next;
    }
    b->open[b->depth] = node;
    b->tail[b->depth] = &node->child;
    b->depth++;
    strbuf_reset(&b->text);
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int len)
{
    struct builder *b = arg;
    if (!b->failed)
        strbuf_add(&b->text, text, (size_t)len);
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct builder *b = arg;
    (void)name;
    if (b->failed)
        return;
    struct xmlnode *node = b->open[--b->depth];
    if (node->child == NULL && b->text.len > 0)
        node->text = arena_strndup(b->arena, b->text.text, b->text.len);
    strbuf_reset(&b->text);
}

const struct xmlnode *xmltree_read(const char *body, size_t len, struct arena *arena,
                                   struct err *err)
{
    if (len > XMLTREE_MAX_BYTES) {
        err_set(err, ERR_TOOBIG, 0, "an XML answer of %zu bytes", len);
        return NULL;
    }
    struct builder b = {.parser = XML_ParserCreate(NULL), .arena = arena, .err = err};
    if (b.parser == NULL) {
        err_set(err, ERR_IO, 0, "expat gives no parser");
        return NULL;
    }
    strbuf_init(&b.text, XMLTREE_MAX_BYTES);
    XML_SetUserData(b.parser, &b);
    XML_SetStartDoctypeDeclHandler(b.parser, on_doctype);
    XML_SetElementHandler(b.parser, on_start, on_end);
    XML_SetCharacterDataHandler(b.parser, on_text);
    bool ok = XML_Parse(b.parser, body, (int)len, XML_TRUE) == XML_STATUS_OK && !b.failed;
    if (!ok && !b.failed)
        err_set(err, ERR_PROTOCOL, 0, "the answer is no XML: %s at line %lu",
                XML_ErrorString(XML_GetErrorCode(b.parser)),
                (unsigned long)XML_GetCurrentLineNumber(b.parser));
    XML_ParserFree(b.parser);
    strbuf_free(&b.text);
    return ok ? b.root : NULL;
}

static const struct xmlnode *named(const struct xmlnode *node, const char *name, size_t n)
{
    while (node != NULL && (strncmp(node->name, name, n) != 0 || node->name[n] != '\0'))
        node = node->next;
    return node;
}

const struct xmlnode *xmltree_find(const struct xmlnode *node, const char *path)
{
    while (node != NULL && path[0] != '\0') {
        size_t n = strcspn(path, "/");
        node = named(node->child, path, n);
        path += path[n] == '/' ? n + 1 : n;
    }
    return node;
}

const struct xmlnode *xmltree_next(const struct xmlnode *node)
{
    return node != NULL ? named(node->next, node->name, strlen(node->name)) : NULL;
}

const char *xmltree_text(const struct xmlnode *node, const char *path, const char *fallback)
{
    node = xmltree_find(node, path);
    return node != NULL && node->text[0] != '\0' ? node->text : fallback;
}

int64_t xmltree_int(const struct xmlnode *node, const char *path)
{
    const char *text = xmltree_text(node, path, "");
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 ? v : UNKNOWN;
}

enum tri xmltree_tri(const struct xmlnode *node, const char *path)
{
    const char *text = xmltree_text(node, path, "");
    if (strcmp(text, "true") == 0)
        return TRI_YES;
    return strcmp(text, "false") == 0 ? TRI_NO : TRI_UNKNOWN;
}

int64_t xmltree_time(const struct xmlnode *node, const char *path)
{
    int64_t ms = clock_parse_iso(xmltree_text(node, path, ""));
    return ms >= 0 ? ms : UNKNOWN;
}
