/*
 * Times how long this kernel takes to tear down N one-page VMAs, seen from outside.
 *
 *   measure CPU POPULATE REPEATS SIZE...
 *
 * CPU is the one to pin to, -1 for none; POPULATE is 0 (nothing touched), 1 (every page written) or
 * 2 (both). Each repeat forks a child for every size, operation and population in turn, so that a
 * slow spell of the machine falls on all of them alike. The child maps N pages, makes every second one
 * executable (hence N VMAs that cannot merge), and then
 *
 *   exit    leaves: from just before _exit() in the child to wait4()'s return in the parent;
 *   munmap  unmaps all of it in one call, timed inside the child, and leaves then.
 *
 * One line a child on standard output:
 *   n,op,populate,rep,build_ns_per_call,munmap_ns,exit_wait_ns
 *
 * It needs no privilege and changes no setting. Errors go to standard error; exit code 1.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long page_bytes;

/* What the child tells its parent, in a page that both see. */
struct told {
	volatile int64_t exit_start_ns;
	volatile int64_t munmap_ns;
	volatile int64_t build_ns;
	volatile int32_t error;
	volatile int32_t where;
};

enum { MAPPING = 1, PROTECTING, UNMAPPING };
static const char *const WHERE[] = { "", "mmap", "mprotect", "munmap" };

static int64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static void give_up(struct told *told, int where)
{
	told->where = where;
	told->error = errno;
	_exit(1);
}

static void child(struct told *told, long n, int unmaps, int populates)
{
	size_t bytes = (size_t)n * page_bytes;
	int64_t start_ns = now_ns();
	char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (area == MAP_FAILED)
		give_up(told, MAPPING);
	/* Huge pages would make the touched area another one; kernels without them refuse, fine. */
	madvise(area, bytes, MADV_NOHUGEPAGE);
	for (long page = 1; page < n; page += 2)
		if (mprotect(area + page * page_bytes, page_bytes, PROT_READ | PROT_WRITE | PROT_EXEC))
			give_up(told, PROTECTING);
	if (populates)
		for (long page = 0; page < n; page++)
			area[page * page_bytes] = 1;
	told->build_ns = now_ns() - start_ns;
	if (unmaps) {
		start_ns = now_ns();
		if (munmap(area, bytes))
			give_up(told, UNMAPPING);
		told->munmap_ns = now_ns() - start_ns;
	}
	told->exit_start_ns = now_ns();
	_exit(0);
}

/* One child, from fork to wait; with `prints` what it took, as a line. */
static void run(struct told *told, long n, int unmaps, int populates, int rep, int prints)
{
	int64_t end_ns;
	int status;
	pid_t pid;

	memset((void *)told, 0, sizeof(*told));
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0)
		child(told, n, unmaps, populates);
	while (wait4(pid, &status, 0, NULL) < 0)
		if (errno != EINTR)
			fail("wait4");
	end_ns = now_ns();
	if (told->error) {
		errno = told->error;
		fail(WHERE[told->where]);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "the child with %ld VMAs was killed\n", n);
		exit(1);
	}
	if (!prints)
		return;
	printf("%ld,%s,%d,%d,%ld,%ld,%ld\n", n, unmaps ? "munmap" : "exit", populates, rep,
	       (long)(told->build_ns / (n > 1 ? n / 2 : 1)), (long)told->munmap_ns,
	       (long)(end_ns - told->exit_start_ns));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct told *told;
	int cpu, populate, repeats;

	if (argc < 5) {
		fprintf(stderr, "usage: measure CPU POPULATE REPEATS SIZE...\n");
		return 1;
	}
	page_bytes = sysconf(_SC_PAGESIZE);
	cpu = atoi(argv[1]);
	populate = atoi(argv[2]);
	repeats = atoi(argv[3]);
	if (cpu >= 0) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		/* Not allowed in some containers: the figures are noisier then, and say so. */
		if (sched_setaffinity(0, sizeof(set), &set))
			fprintf(stderr, "not pinned: %s\n", strerror(errno));
	}
	told = mmap(NULL, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		fail("mmap");
	for (int rep = 1; rep <= repeats; rep++) {
		/* The largest of the last round has left its caches and lists of free pages behind. */
		run(told, atol(argv[4]), 0, populate != 0, rep, 0);
		for (int i = 4; i < argc; i++)
			for (int op = 0; op < 2; op++)
				for (int touched = 0; touched < 2; touched++)
					if (populate == 2 || populate == touched)
						run(told, atol(argv[i]), op, touched, rep, 1);
	}
	return 0;
}
