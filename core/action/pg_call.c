#include "action/pg_call.h"

#include "aws/login.h"

struct pgconn *pg_call_open(const struct pg_call *call, bool read_write, struct err *err)
{
    const struct hints *h = call->hints;
    struct pgconn_params params = {
        .host = h != NULL ? h->pg_host : NULL,
        .database = h != NULL ? h->pg_database : NULL,
        .user = h != NULL ? h->pg_user : NULL,
        .port = h != NULL ? h->pg_port : 0,
        .read_write = read_write,
        .connect_timeout_ms = call->cfg->connect_timeout_ms,
        .statement_timeout_ms = call->cfg->statement_timeout_ms,
    };
    return login_postgres(call->aws, call->cfg, &params, call->deadline_ms, call->stop_fd, err);
}
