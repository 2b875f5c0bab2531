import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startI18n } from './i18n.ts';
import { loadPreferences } from './preferences.ts';
import './styles.css';
import './analysis.css';
import './doors.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
await startI18n(loadPreferences().language);
createRoot(root).render(<App />);
