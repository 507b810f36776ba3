/* Shifts the date that a process sees by CLOCK_SHIFT_S seconds, and nothing else.
 *
 * CLOCK_REALTIME reads later (or earlier); CLOCK_MONOTONIC, which measures durations, is unchanged. An absolute
 * deadline on the real-time clock is shifted back before the kernel sees it. Functions that take an absolute time
 * without a clock (pthread_cond_timedwait, sem_timedwait) are classified by the value: seconds since boot never reach
 * A_DATE, seconds since 1970 exceed it.
 *
 * pthread_cond_timedwait exists twice in glibc for x86-64; plain dlsym finds the older one, which never wakes. So the
 * newer version is requested by name. The clock is read by a system call, because an allocator may ask for the time before
 * dlsym can be called (Envoy's does, and hung).
 *
 * syscall() is replaced as well: libev reads the clock through it, and abseil waits on a futex until a date. A program
 * that makes system calls without libc (one in Go) is out of reach.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define A_DATE 1000000000

static long shift;

__attribute__((constructor)) static void read_shift(void) {
    const char *said = getenv("CLOCK_SHIFT_S");
    shift = said ? atol(said) : 0;
}

static void *next_of(void **known, const char *name) {
    if (!*known) {
        void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
        *known = found ? found : dlsym(RTLD_NEXT, name);
    }
    return *known;
}

#define NEXT(name) \
    static void *known; \
    typeof(&name) next = (typeof(&name))next_of(&known, #name)

static int is_date(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_REALTIME_ALARM ||
           clock == CLOCK_TAI;
}

/* The deadline on the kernel's clock. */
static const struct timespec *back(const struct timespec *until, struct timespec *room) {
    if (!until || until->tv_sec < A_DATE)
        return until;
    *room = *until;
    room->tv_sec = until->tv_sec > shift ? until->tv_sec - shift : 0;
    return room;
}

/* The raw result of a system call: -errno on failure. */
static long kernel(long number, long a, long b, long c, long d, long e, long f) {
#if defined __x86_64__
    long answer;
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return answer;
#elif defined __aarch64__
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "system calls are not implemented for this processor"
#endif
}

static long with_errno(long answer) {
    if (answer >= 0 || answer < -4095)
        return answer;
    errno = (int)-answer;
    return -1;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    long answer = with_errno(kernel(SYS_clock_gettime, clock, (long)now, 0, 0, 0, 0));
    if (!answer && is_date(clock))
        now->tv_sec += shift;
    return (int)answer;
}

long syscall(long number, ...) {
    long a[6];
    va_list given;
    va_start(given, number);
    for (int i = 0; i < 6; i++) /* the maximum; the kernel ignores missing ones */
        a[i] = va_arg(given, long);
    va_end(given);
    struct timespec room;
    if (number == SYS_clock_gettime)
        return clock_gettime((clockid_t)a[0], (struct timespec *)a[1]);
    if (number == SYS_futex && (a[1] & FUTEX_CLOCK_REALTIME))
        a[3] = (long)back((const struct timespec *)a[3], &room);
    return with_errno(kernel(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone; /* obsolete: the system call ignores it as well */
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place)
        *place = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, now) ? base : 0;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
    NEXT(clock_nanosleep);
    struct timespec room;
    if ((flags & TIMER_ABSTIME) && is_date(clock))
        until = back(until, &room);
    return next(clock, flags, until, left);
}

int timerfd_settime(int timer, int flags, const struct itimerspec *wanted, struct itimerspec *old) {
    NEXT(timerfd_settime);
    struct itimerspec room;
    if ((flags & TFD_TIMER_ABSTIME) && wanted && wanted->it_value.tv_sec >= A_DATE) {
        room = *wanted;
        room.it_value.tv_sec -= shift;
        wanted = &room;
    }
    return next(timer, flags, wanted, old);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
    NEXT(pthread_cond_timedwait);
    struct timespec room;
    return next(condition, mutex, back(until, &room));
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    NEXT(pthread_mutex_timedlock);
    struct timespec room;
    return next(mutex, back(until, &room));
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until) {
    NEXT(pthread_rwlock_timedrdlock);
    struct timespec room;
    return next(lock, back(until, &room));
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until) {
    NEXT(pthread_rwlock_timedwrlock);
    struct timespec room;
    return next(lock, back(until, &room));
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    NEXT(sem_timedwait);
    struct timespec room;
    return next(semaphore, back(until, &room));
}

#if __GLIBC_PREREQ(2, 30)
int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *until) {
    NEXT(pthread_cond_clockwait);
    struct timespec room;
    return next(condition, mutex, clock, is_date(clock) ? back(until, &room) : until);
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until) {
    NEXT(pthread_mutex_clocklock);
    struct timespec room;
    return next(mutex, clock, is_date(clock) ? back(until, &room) : until);
}

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until) {
    NEXT(sem_clockwait);
    struct timespec room;
    return next(semaphore, clock, is_date(clock) ? back(until, &room) : until);
}
#endif
