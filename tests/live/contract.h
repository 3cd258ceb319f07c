/* contract.h: the contract server of tests/aws for a live test: what tests/aws/rig.h has works
 * then, and the environment has no other AWS. */
#ifndef CDCTOP_TESTS_LIVE_CONTRACT_H
#define CDCTOP_TESTS_LIVE_CONTRACT_H

#include <stdbool.h>

/* Of the whole program one. False: it did not start, and why is on stderr. */
bool contract_up(void);
void contract_down(void); /* its directory (contract_file) goes, too; cdctop's logs are kept */

#endif
