/* threads.h: the threads of this process. What is closed in the background (a client of Kafka) is
 * freed by a thread that nobody waits for: a test that ends before it does looks like a leak. */
#ifndef CDCTOP_TESTS_THREADS_H
#define CDCTOP_TESTS_THREADS_H

int threads_count(void);
/* Until there are no more than that; fails after two minutes. */
void threads_wait(int most);

#endif
