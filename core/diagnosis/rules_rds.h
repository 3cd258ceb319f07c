/* rules_rds.h: what RDS and CloudWatch say, for the rules of other files. */
#ifndef CDCTOP_DIAGNOSIS_RULES_RDS_H
#define CDCTOP_DIAGNOSIS_RULES_RDS_H

#include "diagnosis/rules.h"
#include "model/series.h"

/* NULL: RDS is not asked, or has nothing fresh to say. */
const struct rds_snap *rule_rds(const struct rule_run *run);

/* The disk of the instance behind the DSN. Aurora has none that could fill. */
struct rds_disk {
    const struct rds_instance *instance;
    const struct cw_metric *metric; /* FreeStorageSpace */
    int64_t free, total;            /* bytes */
    int used_pct;
    struct projection fills; /* by the fall of the free space … */
    bool by_slots;           /* … or, as that is not known, by how fast the slots' WAL grows */
    bool slots_grow;
};
/* False: not known, or not fresh. */
bool rds_disk(const struct rule_run *run, struct rds_disk *out);
/* How bad that is; VERDICT_OK: it is not. */
enum verdict rds_disk_verdict(const struct rule_run *run, const struct rds_disk *disk);
/* Says it as evidence, where the disk is in danger. */
void rds_put_disk(struct rule_run *run, struct finding *f);
/* "est. disk full in 2h to 5h; " while the WAL of slots fills it, to begin an advice with; else "".
 */
const char *rds_disk_warning(const struct rule_run *run);

/* An instance whose parameters wait for a reboot, and the name of the group; NULL. */
const struct rds_instance *rds_waits_for_reboot(const struct rds_snap *rds, const char **group);
/* What happened to the database within the last ms that ends sessions: a failover, a reboot,
 * maintenance; NULL. */
const struct rds_event *rds_upset(const struct rule_run *run, int64_t within_ms);

#endif
