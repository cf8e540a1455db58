// Bytes of records that the memory plan counts; their own files draw them.

/** A munmap call: first page, pages. */
export const MUNMAP_CALL_BYTES: u32 = 16;
/** A callback that is not in the object it frees (callbacks.ts). */
export const CALLBACK_BYTES: u32 = 16;
/** An index node (struct maple_node). */
export const NODE_BYTES: u32 = 256;
/** VMAs at most whose index nodes there is room for where it is replayed how they were taken. */
export const MADE_VMAS_MAX: u64 = 16_384;
/** Index nodes in a full sheaf of maple_node_cache, 7.2: it asks for 32 (lib/maple_tree.c). */
export const NODE_SHEAF_CAPACITY: u32 = 32;
/** Such a sheaf: next, count, nodes. */
export const NODE_SHEAF_BYTES: u32 = 8 + NODE_SHEAF_CAPACITY * 4;
/** Index nodes in a slab: 256 bytes in a page (mm/slub.c:calculate_order). */
export const NODES_A_SLAB: u32 = 16;
/** Partial slabs of nodes that a CPU of 6.12 keeps (mm/slub.c:set_cpu_partial: 52 objects). */
export const NODE_CPU_PARTIAL_SLABS: u32 = 7;

/**
 * Callbacks that a call queues besides those of its VMAs and index nodes. [measured: in every row
 * of a munmap of 6.12 three more are invoked than the model accounts for, in one go with the index
 * nodes, and where callbacks are offloaded it is not those of the nodes that wake rcuog: so they
 * come just before. What they are is not known]
 */
export const OTHER_CALLBACKS: u32 = 3;
