/* Moves the clocks of the process that preloads it by offsets in a file, which may change at any time.

   The file named by COOKIEPROOF_CLOCK holds two int64: nanoseconds to add to the wall clock, and to the monotonic clocks.
   The second is 0 but for browsers whose pages live through a move, timers and all. A wait until a moment of a clock is
   handed to the kernel, whose clocks do not move, as the moment that it really is; so what waits for 50 ms waits for 50 ms.
   Not so what waits by syscall(SYS_futex), as Rust's standard library does: Firefox has few such waits, none of a page's.
   No dlsym, malloc or getenv where the clock is read: Firefox's allocator does so while it holds its own initialisation
   lock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offsets;
/* The kernel's own clock_gettime, in the page of code that it gives to each process (vdso(7)): a system call takes ten
   times as long, and a start of Firefox reads the clock 200,000 times. */
static int (*kernels_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void find_the_kernels(void) {
  const char *image = (const char *)getauxval(AT_SYSINFO_EHDR);
  if (!image) return;
  const ElfW(Ehdr) *header = (const void *)image;
  const ElfW(Shdr) *sections = (const void *)(image + header->e_shoff);
  for (int i = 0; header->e_shoff && i < header->e_shnum; i++) {
    if (sections[i].sh_type != SHT_DYNSYM) continue;
    const ElfW(Sym) *symbols = (const void *)(image + sections[i].sh_offset);
    const char *names = image + sections[sections[i].sh_link].sh_offset;
    for (size_t each = 0; each < sections[i].sh_size / sizeof *symbols; each++) {
      const char *name = names + symbols[each].st_name;
      if (strcmp(name, "__vdso_clock_gettime") && strcmp(name, "__kernel_clock_gettime")) continue;
      kernels_clock_gettime = (int (*)(clockid_t, struct timespec *))(image + symbols[each].st_value);
    }
  }
}

__attribute__((constructor)) static void map_the_offset(void) {
  static const char name[] = "COOKIEPROOF_CLOCK=";
  for (char **entry = environ; entry && *entry; entry++) {
    if (strncmp(*entry, name, sizeof name - 1)) continue;
    int file = open(*entry + sizeof name - 1, O_RDONLY | O_CLOEXEC);
    void *mapped = mmap(NULL, 2 * sizeof *offsets, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offsets = mapped;
    if (file >= 0) close(file);
  }
}

static int64_t offset_of(clockid_t id) {
  if (!offsets) return 0;
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return offsets[0];
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
      return offsets[1];
    default: /* processor time */
      return 0;
  }
}

int clock_gettime(clockid_t id, struct timespec *now) {
  int result = kernels_clock_gettime ? kernels_clock_gettime(id, now) : -1;
  if (result) result = (int)syscall(SYS_clock_gettime, id, now); /* which sets errno, too */
  if (result == 0) {
    int64_t nanoseconds = now->tv_nsec + offset_of(id);
    now->tv_sec += nanoseconds / 1000000000;
    now->tv_nsec = nanoseconds % 1000000000; /* never negative: an offset never is */
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &precise)) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *seconds) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (seconds) *seconds = precise.tv_sec;
  return precise.tv_sec;
}

static struct timespec unmoved(clockid_t id, const struct timespec *moment) {
  int64_t by = offset_of(id);
  struct timespec real = {moment->tv_sec - by / 1000000000, moment->tv_nsec - by % 1000000000};
  if (real.tv_nsec < 0) {
    real.tv_nsec += 1000000000;
    real.tv_sec--;
  }
  if (real.tv_sec < 0) real = (struct timespec){0, moment->tv_nsec || moment->tv_sec}; /* long past; 0 would be never */
  return real;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *until, struct timespec *left) {
  struct timespec real = flags & TIMER_ABSTIME ? unmoved(id, until) : *until;
  int before = errno; /* it returns its error, and leaves this alone */
  int error = syscall(SYS_clock_nanosleep, id, flags, &real, left) ? errno : 0;
  errno = before;
  return error;
}

/* No call tells by which clock a timer goes. Where there is no such number any more, monotonic is what browsers use. */
static unsigned char is_by_the_wall_clock[4096];

int timerfd_create(int id, int flags) {
  int timer = (int)syscall(SYS_timerfd_create, id, flags);
  if (timer >= 0 && timer < (int)sizeof is_by_the_wall_clock)
    is_by_the_wall_clock[timer] = id != CLOCK_MONOTONIC && id != CLOCK_BOOTTIME && id != CLOCK_BOOTTIME_ALARM;
  return timer;
}

int timerfd_settime(int timer, int flags, const struct itimerspec *to, struct itimerspec *before) {
  struct itimerspec real = *to;
  int by_the_wall_clock = timer >= 0 && timer < (int)sizeof is_by_the_wall_clock && is_by_the_wall_clock[timer];
  if (flags & TFD_TIMER_ABSTIME && (to->it_value.tv_sec || to->it_value.tv_nsec)) /* 0 stops it */
    real.it_value = unmoved(by_the_wall_clock ? CLOCK_REALTIME : CLOCK_MONOTONIC, &to->it_value);
  return (int)syscall(SYS_timerfd_settime, timer, flags, &real, before);
}

#ifdef __GLIBC__
/* The library's own. Nobody waits for a condition while the allocator begins, so dlsym may be called here. */
#define NEXT(name) ((__typeof__(&name))next(&next_##name, #name))
static void *next_pthread_cond_clockwait, *next_sem_clockwait;

static void *next(void **known, const char *name) {
  if (!*known) *known = dlsym(RTLD_NEXT, name);
  return *known;
}

int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t id,
                           const struct timespec *restrict until) {
  struct timespec real = unmoved(id, until);
  return NEXT(pthread_cond_clockwait)(condition, mutex, id, &real);
}

/* Firefox's start sleeps so (PR_Sleep) while the last one still has the profile: a clock an hour ahead made it an hour. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
  /* glibc keeps in this bit whether the condition waits by the monotonic clock (pthread_cond_common.c). */
  clockid_t id = condition->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  return pthread_cond_clockwait(condition, mutex, id, until);
}

int sem_clockwait(sem_t *restrict semaphore, clockid_t id, const struct timespec *restrict until) {
  struct timespec real = unmoved(id, until);
  return NEXT(sem_clockwait)(semaphore, id, &real);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
  return sem_clockwait(semaphore, CLOCK_REALTIME, until);
}
#endif
