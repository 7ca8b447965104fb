/* Moves the wall clock of the process that preloads it by an offset in a file, which may change at any time.

   The file named by COOKIEPROOF_CLOCK holds one int64: nanoseconds to add. Monotonic clocks are untouched, so that
   time-outs keep working; a wait until a moment of the wall clock is handed to the kernel, whose clock does not move, as
   the moment that it really is. No dlsym, malloc or getenv here: Firefox's allocator reads the clock while it holds its own
   initialisation lock. */
#define _GNU_SOURCE
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
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset;
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
    void *mapped = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offset = mapped;
    if (file >= 0) close(file);
  }
}

int clock_gettime(clockid_t id, struct timespec *now) {
  int result = kernels_clock_gettime ? kernels_clock_gettime(id, now) : -1;
  if (result) result = (int)syscall(SYS_clock_gettime, id, now); /* which sets errno, too */
  if (result == 0 && offset && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    int64_t nanoseconds = now->tv_nsec + *offset;
    now->tv_sec += nanoseconds / 1000000000;
    now->tv_nsec = nanoseconds % 1000000000; /* never negative: the offset never is */
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

#ifdef __GLIBC__
static struct timespec unmoved(const struct timespec *moment) {
  int64_t by = offset ? *offset : 0;
  struct timespec real = {moment->tv_sec - by / 1000000000, moment->tv_nsec - by % 1000000000};
  if (real.tv_nsec < 0) {
    real.tv_nsec += 1000000000;
    real.tv_sec--;
  }
  return real;
}

/* Firefox's start sleeps so (PR_Sleep) while the last one still has the profile: a clock an hour ahead made it an hour. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
  /* glibc keeps in this bit whether the condition waits by the monotonic clock (pthread_cond_common.c). */
  if (condition->__data.__wrefs & 2) return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
  struct timespec real = unmoved(until);
  return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &real);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
  struct timespec real = unmoved(until);
  return sem_clockwait(semaphore, CLOCK_REALTIME, &real);
}
#endif
