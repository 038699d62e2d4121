// The package has a default export that a bundler takes for the whole package.
export { Scrollbars as default, Scrollbars } from 'react-custom-scrollbars-2/lib/index.js';
