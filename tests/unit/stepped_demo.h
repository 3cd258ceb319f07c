/* stepped_demo.h: a scenario of the demo whose clock stands until a test moves it. */
#ifndef CDCTOP_TESTS_STEPPED_DEMO_H
#define CDCTOP_TESTS_STEPPED_DEMO_H

#include "demo/demo.h"

/* what: as behind --demo=; seed 0: the usual one. Fails the test if there is none. Both are the
 * caller's: config_free, then demo_free. */
void stepped_demo(const char *what, uint64_t seed, struct demo **demo, struct config **config);

#endif
