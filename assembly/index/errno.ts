// What a store answers when it cannot: the kernel's numbers, negative.

/** The pool has no node left; the tree is as before. */
export const ENOMEM: i32 = -12;
/** The range of an insert is not empty. */
export const EEXIST: i32 = -17;
