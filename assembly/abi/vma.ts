// What the host tells the engine of one VMA. Shared by the engine and the host.

/** Bits of a VMA's flag word. */
export enum VmaFlag {
  READ = 1,
  WRITE = 2,
  EXEC = 4,
  SHARED = 8,
  /** VM_ACCOUNT: its pages were charged to the commit limit and are given back at exit. */
  ACCOUNT = 16,
  /** Backed by a file (or shared memory); otherwise anonymous. */
  FILE = 32,
  /** The backing file was unlinked: "(deleted)" in /proc/PID/maps. */
  DELETED = 64,
  HEAP = 128,
  STACK = 256,
  /** vdso, vvar, vsyscall: the kernel's own mappings. */
  SPECIAL = 512,
  /** VM_GROWSDOWN. */
  GROWSDOWN = 1024,
  HUGETLB = 2048,

  // set by the engine
  /** Some of its pages are huge, or were when it was part of another one: page/huge-vma.ts. */
  HUGE = 4096,
  /** Of those whose frees the run measures: taken by exit_mmap or by a munmap. */
  MEASURED = 16384,
  /** It lies in a 2 MiB block with resident pages: its last-level page table exists. */
  TABLE = 32768,
}
