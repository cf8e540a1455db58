// Flags of system calls by name (x86-64), as strace writes them.

export const PROT = { PROT_READ: 1, PROT_WRITE: 2, PROT_EXEC: 4 } as const;

export const MAP = {
  MAP_SHARED: 0x01,
  MAP_PRIVATE: 0x02,
  MAP_SHARED_VALIDATE: 0x03,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_GROWSDOWN: 0x100,
} as const;

export const MREMAP = { MREMAP_DONTUNMAP: 4 } as const;

export const CLONE = {
  CLONE_VM: 0x100,
  CLONE_VFORK: 0x4000,
  CLONE_THREAD: 0x10000,
} as const;
