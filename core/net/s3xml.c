#include "net/s3xml.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/strbuf.h"
#include "base/utf8.h"

#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 8,
    NAME_MAX_LEN = 40,
    TEXT_MAX = 3 * S3LIST_KEY_MAX + 1, /* a key whose every byte is %XX */
};

struct reader {
    XML_Parser parser;
    struct err *err;
    bool failed;
    int depth;
    char names[DEPTH_MAX][NAME_MAX_LEN]; /* local names of the open elements */
    struct strbuf text;                  /* of the innermost element */
    /* a page */
    struct arena *arena;
    struct s3list_page *page;
    size_t cap_entries, cap_prefixes;
    struct s3list_entry entry;
    bool encoded, is_list;
    /* unfinished uploads */
    struct s3list_uploads *uploads;
    size_t cap_uploads;
    struct s3list_upload upload;
    /* an error */
    struct s3xml_error *error;
};

static void give_up(struct reader *r, enum err_kind kind, const char *why)
{
    if (!r->failed)
        err_set(r->err, kind, 0, "S3 list: %s", why);
    r->failed = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *sysid,
                               const XML_Char *pubid, int internal)
{
    (void)name, (void)sysid, (void)pubid, (void)internal;
    give_up(arg, ERR_PROTOCOL, "the answer declares a DOCTYPE, which S3 never does");
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attrs)
{
    struct reader *r = arg;
    (void)attrs;
    if (r->failed)
        return;
    if (r->depth == DEPTH_MAX) {
        give_up(r, ERR_PROTOCOL, "elements nested too deep");
        return;
    }
    const char *colon = strrchr(name, ':');
    const char *local = colon != NULL ? colon + 1 : name;
    size_t n = strlen(local) < NAME_MAX_LEN - 1 ? strlen(local) : NAME_MAX_LEN - 1;
    memcpy(r->names[r->depth], local, n);
    r->names[r->depth][n] = '\0';
    if (r->depth == 0)
        r->is_list = strcmp(local, r->uploads != NULL ? "ListMultipartUploadsResult"
                                                      : "ListBucketResult") == 0;
    if (r->depth == 1) {
        r->entry = (struct s3list_entry){.size = -1, .modified_ms = -1};
        r->upload = (struct s3list_upload){.initiated_ms = -1};
    }
    r->depth++;
    strbuf_reset(&r->text);
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int len)
{
    struct reader *r = arg;
    if (!r->failed)
        strbuf_add(&r->text, text, (size_t)len);
}

static bool at(const struct reader *r, int depth, const char *name)
{
    return strcmp(r->names[depth], name) == 0;
}

static int64_t number(const char *text)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 && v >= 0 ? v : -1;
}

static void page_entry(struct reader *r)
{
    struct s3list_page *p = r->page;
    if (r->entry.key == NULL) {
        give_up(r, ERR_PROTOCOL, "an entry without a key");
        return;
    }
    if (p->nentries == S3LIST_PAGE_MAX) {
        give_up(r, ERR_TOOBIG, "more than 1000 entries in a page");
        return;
    }
    struct s3list_entry *e =
        arena_push(r->arena, &p->entries, &p->nentries, &r->cap_entries, sizeof(*e));
    *e = r->entry;
}

static void page_prefix(struct reader *r)
{
    struct s3list_page *p = r->page;
    if (p->nprefixes == S3LIST_PAGE_MAX) {
        give_up(r, ERR_TOOBIG, "more than 1000 common prefixes in a page");
        return;
    }
    const char **slot =
        arena_push(r->arena, &p->prefixes, &p->nprefixes, &r->cap_prefixes, sizeof(*slot));
    *slot = arena_strndup(r->arena, r->text.text, r->text.len);
}

/* An element of a ListBucketResult ends; r->depth is its own depth. */
static void page_end(struct reader *r)
{
    const char *text = r->text.text;
    if (r->depth == 1 && at(r, 1, "Contents")) {
        page_entry(r);
    } else if (r->depth == 1 && at(r, 1, "IsTruncated")) {
        r->page->truncated = strcmp(text, "true") == 0;
    } else if (r->depth == 1 && at(r, 1, "NextContinuationToken") && text[0] != '\0') {
        r->page->next_token = arena_strdup(r->arena, text);
    } else if (r->depth == 1 && at(r, 1, "EncodingType")) {
        r->encoded = strcmp(text, "url") == 0;
    } else if (r->depth == 2 && at(r, 1, "CommonPrefixes") && at(r, 2, "Prefix")) {
        page_prefix(r);
    } else if (r->depth == 2 && at(r, 1, "Contents")) {
        if (at(r, 2, "Key"))
            r->entry.key = arena_strndup(r->arena, text, r->text.len);
        else if (at(r, 2, "Size"))
            r->entry.size = number(text);
        else if (at(r, 2, "LastModified"))
            r->entry.modified_ms = clock_parse_iso(text);
    }
}

/* An element of a ListMultipartUploadsResult ends. */
static void uploads_end(struct reader *r)
{
    const char *text = r->text.text;
    struct s3list_uploads *u = r->uploads;
    if (r->depth == 1 && at(r, 1, "IsTruncated")) {
        u->truncated = strcmp(text, "true") == 0;
    } else if (r->depth == 1 && at(r, 1, "EncodingType")) {
        r->encoded = strcmp(text, "url") == 0;
    } else if (r->depth == 1 && at(r, 1, "Upload")) {
        if (r->upload.key == NULL || r->upload.id == NULL)
            give_up(r, ERR_PROTOCOL, "an upload without a key or an id");
        else if (u->count == S3LIST_PAGE_MAX)
            give_up(r, ERR_TOOBIG, "more than 1000 uploads in a page");
        else
            *(struct s3list_upload *)arena_push(r->arena, &u->items, &u->count, &r->cap_uploads,
                                                sizeof(r->upload)) = r->upload;
    } else if (r->depth == 2 && at(r, 1, "Upload")) {
        if (at(r, 2, "Key"))
            r->upload.key = arena_strndup(r->arena, text, r->text.len);
        else if (at(r, 2, "UploadId"))
            r->upload.id = arena_strndup(r->arena, text, r->text.len);
        else if (at(r, 2, "Initiated"))
            r->upload.initiated_ms = clock_parse_iso(text);
    }
}

static void error_end(struct reader *r)
{
    const char *text = r->text.text;
    if (r->depth != 1 || !at(r, 0, "Error"))
        return;
    if (at(r, 1, "Code"))
        utf8_clean(r->error->code, sizeof(r->error->code), text, false);
    else if (at(r, 1, "Message"))
        utf8_clean(r->error->message, sizeof(r->error->message), text, false);
    else if (at(r, 1, "Region"))
        utf8_clean(r->error->region, sizeof(r->error->region), text, false);
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct reader *r = arg;
    (void)name;
    if (r->failed)
        return;
    r->depth--;
    if (r->is_list && r->text.overflow)
        give_up(r, ERR_TOOBIG, "a text longer than any key may be");
    else if (r->page != NULL && r->is_list)
        page_end(r);
    else if (r->uploads != NULL && r->is_list)
        uploads_end(r);
    else if (r->error != NULL)
        error_end(r);
    strbuf_reset(&r->text);
}

/* False when the body is not well-formed or a handler gave up (then *r->err is set). */
static bool run(struct reader *r, const char *body, size_t len)
{
    r->parser = XML_ParserCreate(NULL);
    if (r->parser == NULL)
        return err_set(r->err, ERR_IO, 0, "expat gives no parser");
    strbuf_init(&r->text, TEXT_MAX);
    XML_SetUserData(r->parser, r);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    bool ok = XML_Parse(r->parser, body, (int)len, XML_TRUE) == XML_STATUS_OK && !r->failed;
    if (!ok && !r->failed)
        err_set(r->err, ERR_PROTOCOL, 0, "S3 list: %s at line %lu",
                XML_ErrorString(XML_GetErrorCode(r->parser)),
                (unsigned long)XML_GetCurrentLineNumber(r->parser));
    XML_ParserFree(r->parser);
    strbuf_free(&r->text);
    return ok;
}

void s3xml_unescape(char *text)
{
    char *to = text;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '+') {
            *to++ = ' ';
        } else if (*p == '%' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0 &&
                   (p[1] != '0' || p[2] != '0')) {
            *to++ = (char)(hex_digit(p[1]) * 16 + hex_digit(p[2]));
            p += 2;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
}

/* The keys of a page were written by this parser into its arena: they may be changed in place. */
static bool decode(struct arena *arena, const char **text)
{
    char *copy = arena_strdup(arena, *text);
    s3xml_unescape(copy);
    *text = copy;
    return strlen(copy) <= S3LIST_KEY_MAX;
}

/* What both kinds of list have in common; false: *err says why. */
static bool read_list(struct reader *r, const char *body, size_t len, struct err *err)
{
    struct err why = ERR_INIT;
    if (len > S3LIST_BODY_MAX)
        return err_set(err, ERR_TOOBIG, 0, "an S3 list of %zu bytes", len);
    r->err = &why;
    bool ok = run(r, body, len);
    r->err = NULL;
    if (r->failed)
        return err_set(err, why.kind, 0, "%s", why.text);
    if (!ok && r->is_list)
        return err_set(err, ERR_PROTOCOL, 0, "%s", why.text);
    if (!ok || !r->is_list)
        return s3list_error(200, body, len, "", "", NULL, err);
    return true;
}

static bool fits(const struct reader *r, const char **key)
{
    return r->encoded ? decode(r->arena, key) : strlen(*key) <= S3LIST_KEY_MAX;
}

static bool key_too_long(struct err *err)
{
    return err_set(err, ERR_TOOBIG, 0, "S3 list: a key longer than %d bytes", S3LIST_KEY_MAX);
}

bool s3xml_read_page(const char *body, size_t len, struct arena *arena, struct s3list_page *page,
                     struct err *err)
{
    struct reader r = {.arena = arena, .page = page};
    *page = (struct s3list_page){.date_ms = -1};
    if (!read_list(&r, body, len, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < page->nentries; i++)
        ok = fits(&r, &page->entries[i].key);
    for (size_t i = 0; ok && i < page->nprefixes; i++)
        ok = fits(&r, &page->prefixes[i]);
    return ok || key_too_long(err);
}

bool s3xml_read_uploads(const char *body, size_t len, struct arena *arena,
                        struct s3list_uploads *page, struct err *err)
{
    struct reader r = {.arena = arena, .uploads = page};
    *page = (struct s3list_uploads){0};
    if (!read_list(&r, body, len, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < page->count; i++)
        ok = fits(&r, &page->items[i].key);
    return ok || key_too_long(err);
}

bool s3xml_read_error(const char *body, size_t len, struct s3xml_error *e)
{
    struct err ignored = ERR_INIT;
    struct reader r = {.err = &ignored, .error = e};
    *e = (struct s3xml_error){0};
    if (len == 0 || len > S3LIST_BODY_MAX)
        return false;
    (void)run(&r, body, len); /* an error that was cut short still has its code */
    return !r.failed && e->code[0] != '\0';
}
