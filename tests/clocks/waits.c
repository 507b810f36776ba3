/* Waits 200 ms, until a moment on the real-time clock, with the function that its argument names, and prints the duration
 * on the monotonic clock in milliseconds. Exits with 1 if the wait did not end by its deadline, with 2 if the name is
 * unknown. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NAMED(text) (!strcmp(name, text))

static pthread_mutex_t free_mutex = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t written_by_other = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static volatile int ready;

static void *hold(void *nothing) {
    pthread_mutex_lock(&held);
    pthread_rwlock_wrlock(&written_by_other);
    __atomic_store_n(&ready, 1, __ATOMIC_SEQ_CST);
    pause();
    return nothing;
}

static int wait_until(const char *name, const struct timespec *until) {
    if (NAMED("clock_nanosleep"))
        return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, NULL) == 0;
    if (NAMED("pthread_cond_timedwait"))
        return pthread_cond_timedwait(&condition, &free_mutex, until) == ETIMEDOUT;
    if (NAMED("pthread_cond_clockwait"))
        return pthread_cond_clockwait(&condition, &free_mutex, CLOCK_REALTIME, until) == ETIMEDOUT;
    if (NAMED("pthread_mutex_timedlock"))
        return pthread_mutex_timedlock(&held, until) == ETIMEDOUT;
    if (NAMED("pthread_mutex_clocklock"))
        return pthread_mutex_clocklock(&held, CLOCK_REALTIME, until) == ETIMEDOUT;
    if (NAMED("pthread_rwlock_timedrdlock"))
        return pthread_rwlock_timedrdlock(&written_by_other, until) == ETIMEDOUT;
    if (NAMED("pthread_rwlock_timedwrlock"))
        return pthread_rwlock_timedwrlock(&written_by_other, until) == ETIMEDOUT;
    if (NAMED("sem_timedwait"))
        return sem_timedwait(&semaphore, until) == -1 && errno == ETIMEDOUT;
    if (NAMED("sem_clockwait"))
        return sem_clockwait(&semaphore, CLOCK_REALTIME, until) == -1 && errno == ETIMEDOUT;
    if (NAMED("timerfd_settime")) {
        uint64_t times = 0;
        int timer = timerfd_create(CLOCK_REALTIME, 0);
        const struct itimerspec once = {.it_value = *until};
        return timerfd_settime(timer, TFD_TIMER_ABSTIME, &once, NULL) == 0 && read(timer, &times, 8) == 8 && times == 1;
    }
    if (NAMED("futex")) {
        uint32_t word = 0;
        struct timespec now;
        if (syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) || until->tv_sec - now.tv_sec > 1)
            return 0; /* syscall() reads a different clock from the one the deadline came from */
        int wait = FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME;
        return syscall(SYS_futex, &word, wait, 0, until, NULL, FUTEX_BITSET_MATCH_ANY) == -1 && errno == ETIMEDOUT;
    }
    return -1;
}

int main(int count, char **arguments) {
    pthread_t other;
    struct timespec until, began, ended;
    if (count != 2)
        return 2;
    sem_init(&semaphore, 0, 0);
    pthread_mutex_lock(&free_mutex);
    pthread_create(&other, NULL, hold, NULL);
    while (!__atomic_load_n(&ready, __ATOMIC_SEQ_CST))
        usleep(1000);
    clock_gettime(CLOCK_REALTIME, &until);
    clock_gettime(CLOCK_MONOTONIC, &began);
    until.tv_nsec += 200000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    int held_to_it = wait_until(arguments[1], &until);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%ld\n", (ended.tv_sec - began.tv_sec) * 1000 + (ended.tv_nsec - began.tv_nsec) / 1000000);
    return held_to_it < 0 ? 2 : !held_to_it;
}
