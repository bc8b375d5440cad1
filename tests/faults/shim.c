/* Below the receiver: what its syncs do, and what time it is. Loaded by LD_PRELOAD; the page that
   SHIM_CONTROL names is shared with the test, which writes the first two numbers and reads the
   others. Syncs: 0 as ever, 1 fail, 2 wait until that changes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct control { _Atomic int64_t syncs, clock, begun, ended; };
static struct control none;
static struct control *control = &none;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("SHIM_CONTROL");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *page = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) control = page;
    close(file);
}

int fdatasync(int file) {
    control->begun++;
    while (control->syncs == 2) usleep(2000);
    int failed = control->syncs == 1 ? (errno = EIO, -1) : (int)syscall(SYS_fdatasync, file);
    control->ended++;
    return failed;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int failed = (int)syscall(SYS_clock_gettime, clock, time);
    if (clock == CLOCK_REALTIME) time->tv_sec += control->clock;
    return failed;
}
