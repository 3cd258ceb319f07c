/* instance.h: the metadata (IMDSv2) of an instance in eu-west-3 whose role "bastion" has the keys
 * of a user of the contract server. */
#ifndef CDCTOP_TESTS_AWS_INSTANCE_H
#define CDCTOP_TESTS_AWS_INSTANCE_H

#include "tests/aws/rig.h"
#include "tests/unit/fakehttp.h"

struct instance {
    struct contract_user user;
    struct fakehttp *server;
    char url[64]; /* for AWS_EC2_METADATA_SERVICE_ENDPOINT */
};

void instance_start(struct instance *instance, const char *user);
void instance_stop(struct instance *instance);

#endif
