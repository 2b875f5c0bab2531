/**
 * Loaded into npm (`node --require`). npm leaves out optional packages whose `engines` exclude the Node that npm itself runs on:
 * on a Node 18 host those with sharp's and the bundler's binaries. What is installed runs on the pinned Node alone, so that is
 * the version that npm must go by.
 */
Object.defineProperty(process, 'version', { value: process.env.GATEHOUSE_PINNED_NODE });
