#include "record/shape.h"

#include <math.h>
#include <string.h>

static const struct shape *const parts[SOURCE_KIND_COUNT] = {
    [SOURCE_POSTGRES] = &shape_pg,
    [SOURCE_KAFKA] = &shape_kafka,
    [SOURCE_CONNECT] = &shape_connect,
    [SOURCE_S3] = &shape_s3,
    [SOURCE_AWS] = &shape_aws,
    [SOURCE_MSK] = &shape_msk,
    [SOURCE_MSK_CONNECT] = &shape_connect,
    [SOURCE_DMS] = &shape_connect,
    [SOURCE_RDS] = &shape_rds,
    [SOURCE_CLOUDWATCH] = &shape_cloudwatch,
    [SOURCE_LOGS] = &shape_logs,
};

const struct shape *shape_of(enum source_kind kind)
{
    return parts[kind];
}

void *shape_part(struct snapshot *snap)
{
    return &snap->pg; /* all members of a union begin where it does */
}

const void *shape_part_const(const struct snapshot *snap)
{
    return &snap->pg;
}

void shape_clear(const struct shape *shape, void *row)
{
    static const int64_t unknown = UNKNOWN;
    static const double nan_ = NAN;
    static const enum tri neither = TRI_UNKNOWN;
    static const char *const empty = "";
    for (size_t i = 0; i < shape->nfields; i++) {
        const struct field *f = &shape->fields[i];
        char *at = (char *)row + f->offset;
        switch (f->type) {
        case FIELD_I64: memcpy(at, &unknown, sizeof(unknown)); break;
        case FIELD_F64: memcpy(at, &nan_, sizeof(nan_)); break;
        case FIELD_TRI: memcpy(at, &neither, sizeof(neither)); break;
        case FIELD_NAME: memcpy(at, &empty, sizeof(empty)); break;
        case FIELD_PART: shape_clear(f->of, at); break;
        default: break; /* rows come zeroed from their arena */
        }
    }
}
