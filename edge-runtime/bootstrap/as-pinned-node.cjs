/**
 * Loaded into npm (`node --require`). npm leaves out optional packages whose `engines` exclude the Node that
 * npm itself runs on. On a Node 18 host those are the packages with sharp's and the bundler's binaries.
 * Installed packages run on the pinned Node alone, so npm must go by that version.
 */
Object.defineProperty(process, 'version', { value: process.env.GATEHOUSE_PINNED_NODE });
