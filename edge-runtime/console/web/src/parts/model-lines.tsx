import { ExperimentOutlined, InfoCircleOutlined } from '@ant-design/icons';
import type { ModelInUse, Role } from '@gatehouse/contracts';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useWatch } from '../state/hooks.ts';

/** The roles that choose the models of the box. */
const keepers: readonly Role[] = ['installer', 'administrator'];

/** Calmly, for the guard on duty: detection runs, but not on the model that it should. */
export function ModelNotice() {
  const { t } = useTranslation();
  const { box } = useWatch();
  if (box.link !== 'live' || !inUse(box.services).some(({ why }) => why === 'fallback')) return null;
  return (
    <p role="status" className="model-notice" data-model-notice>
      <InfoCircleOutlined />
      <span>{t('model.notice')}</span>
    </p>
  );
}

/** For installers and administrators: the running detector, the reason, and the effect. */
export function ModelLines() {
  const { t } = useTranslation();
  const { box, login } = useWatch();
  const models = inUse(box.services);
  if (box.link !== 'live' || models.length === 0 || !keepers.includes(login.role)) return null;
  return (
    <section className="models">
      <h3>{t('model.title')}</h3>
      {models.map((model) => (
        <div key={`${model.id} ${model.cameras.join(' ')}`} className="model" data-model={model.id}>
          <ExperimentOutlined />
          <div>
            <strong>{model.id}</strong>{' '}
            <span className="quiet">{t('model.input', { width: model.width, height: model.height })}</span>
            {sentences(t, model).map((text) => (
              <p key={text} className="flush">
                {text}
              </p>
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

function inUse(services: ReturnType<typeof useWatch>['box']['services']): readonly ModelInUse[] {
  return services.vision?.models ?? [];
}

function sentences(t: TFunction, { why, recall, instead }: ModelInUse): string[] {
  const id = instead?.id ?? '';
  const reason = t(`reason.${instead?.code}`, { defaultValue: instead?.code ?? '' });
  return [
    t(`model.${why}`, { id, reason }),
    ...(recall ? [t('model.finds', inPercent(recall))] : []),
    ...(instead?.recall ? [t('model.other-finds', { id, ...inPercent(instead.recall) })] : []),
    ...(why === 'bundled' ? [t('model.fetch', { id })] : []),
    ...(why === 'fallback' ? [t('model.mend')] : []),
  ];
}

function inPercent({ vehicle, person }: { readonly vehicle: number; readonly person: number }) {
  return { vehicle: Math.round(vehicle * 100), person: Math.round(person * 100) };
}
