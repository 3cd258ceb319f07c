#include "action/pg_call.h"

#include "base/strbuf.h"

#include <string.h>

struct pgconn *pg_call_open(const struct pg_call *call, bool read_write, struct err *err)
{
    const struct hints *h = call->hints;
    struct pgconn_params params = {
        .conninfo = call->cfg->conninfo,
        .password = call->cfg->password,
        .host = h != NULL ? h->pg_host : NULL,
        .database = h != NULL ? h->pg_database : NULL,
        .user = h != NULL ? h->pg_user : NULL,
        .port = h != NULL ? h->pg_port : 0,
        .read_write = read_write,
        .connect_timeout_ms = call->cfg->connect_timeout_ms,
        .statement_timeout_ms = call->cfg->statement_timeout_ms,
    };
    return pgconn_open(&params, call->deadline_ms, call->stop_fd, err);
}

static void put_doubled(struct strbuf *sb, const char *text, const char *doubled)
{
    for (; *text != '\0'; text++) {
        if (strchr(doubled, *text) != NULL)
            strbuf_putc(sb, *text);
        strbuf_putc(sb, *text);
    }
}

void pg_call_identifier(struct strbuf *sb, const char *name)
{
    strbuf_putc(sb, '"');
    put_doubled(sb, name, "\"");
    strbuf_putc(sb, '"');
}

void pg_call_literal(struct strbuf *sb, const char *text)
{
    /* E'' reads the same whatever standard_conforming_strings says. */
    bool backslash = strchr(text, '\\') != NULL;
    strbuf_puts(sb, backslash ? "E'" : "'");
    put_doubled(sb, text, backslash ? "'\\" : "'");
    strbuf_putc(sb, '\'');
}
