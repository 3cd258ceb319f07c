/* preview.h: the real loop on a made-up world: to look at screens, and for tests in a terminal. */
#ifndef CDCTOP_TESTS_PREVIEW_H
#define CDCTOP_TESTS_PREVIEW_H

/* argv[1]: name of a fixture; then --ascii, --light, --mono. Returns the exit code. */
int preview_main(int argc, char **argv);

#endif
