/* json_put.h: objects of lists, and members of them that may be unknown: null then. */
#ifndef CDCTOP_REPORT_JSON_PUT_H
#define CDCTOP_REPORT_JSON_PUT_H

#include "base/json.h"
#include "model/fact.h"

cJSON *json_put_item(cJSON *list); /* a new object at its end */

void json_put_str(cJSON *o, const char *key, const char *s);  /* NULL: null */
void json_put_text(cJSON *o, const char *key, const char *s); /* "", too */
void json_put_num(cJSON *o, const char *key, double v);       /* NAN, infinite: null */
void json_put_int(cJSON *o, const char *key, int64_t v);      /* UNKNOWN: null */
void json_put_tri(cJSON *o, const char *key, enum tri v);     /* TRI_UNKNOWN: null */
void json_put_time(cJSON *o, const char *key, int64_t ms);    /* UNKNOWN, 0 and before: null */
void json_put_time_s(cJSON *o, const char *key, int64_t ms);  /* the same, to the second */

#endif
