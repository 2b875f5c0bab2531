import {
  ColorManagement,
  GLSL3,
  LinearFilter,
  LinearSRGBColorSpace,
  Mesh,
  NearestFilter,
  OrthographicCamera,
  RawShaderMaterial,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
  WebGLRenderTarget,
} from 'three';
import { sizes } from '../../../sizes.ts';
import type { Actor, Label, Moment, View, World } from '../../../world.ts';
import { type Body, bodiesOf } from '../scene/cast.ts';
import { armMesh } from '../scene/fixtures.ts';
import { shadeMesh } from '../scene/ground.ts';
import { Throws } from '../throws.ts';
import { Labeller } from './labels.ts';
import { pinholeOf } from './lens.ts';
import { beamsOf, type Glare, glaresOf, lightingOf } from './light.ts';
import { cameraShader, screenVertexShader } from './shaders.ts';
import { glareGeometry, Stage, screenGeometry } from './stage.ts';

export interface Shot {
  /** RGBA, row 0 at the top; absent if only labels were asked for. */
  readonly pixels?: Uint8Array<ArrayBuffer>;
  readonly labels: readonly Label[];
}

function cameraUniforms() {
  return {
    uPicture: { value: null as WebGLRenderTarget['texture'] | null },
    uSize: { value: new Vector2() },
    uFocal: { value: 1 },
    uDistortion: { value: 0 },
    uReach: { value: new Vector2() },
    uSway: { value: new Vector2() },
    uNoise: { value: 0 },
    uSeed: { value: 0 },
    uGrey: { value: 0 },
    uRain: { value: 0 },
    uTime: { value: 0 },
    uSoft: { value: 0 },
    uHalo: { value: 0 },
    uBalance: { value: new Vector3(1, 1, 1) },
    uSaturation: { value: 1 },
    uContrast: { value: 1 },
  };
}

/** Draws worlds, one at a time. */
export class Studio {
  readonly #renderer: WebGLRenderer;
  readonly #stage = new Stage();
  readonly #labeller = new Labeller();
  readonly #uniforms = cameraUniforms();
  readonly #flat = new OrthographicCamera();
  readonly #develop: Scene;
  readonly #copy: Scene;
  #targets:
    | { key: string; picture: WebGLRenderTarget; who: WebGLRenderTarget; out: WebGLRenderTarget }
    | undefined;
  #world: World | undefined;
  #actors: ReadonlyMap<string, Actor> = new Map();

  constructor() {
    ColorManagement.enabled = false;
    this.#renderer = new WebGLRenderer({
      canvas: new OffscreenCanvas(16, 16),
      antialias: false,
      powerPreference: 'default',
    });
    this.#renderer.outputColorSpace = LinearSRGBColorSpace;
    this.#renderer.autoClear = false;
    this.#renderer.setClearColor(0x000000, 0);
    this.#renderer.debug.checkShaderErrors = true;
    const pass = (defines: Record<string, number>) => {
      const material = new RawShaderMaterial({
        vertexShader: screenVertexShader,
        fragmentShader: cameraShader,
        uniforms: this.#uniforms,
        glslVersion: GLSL3,
        depthTest: false,
        depthWrite: false,
        defines,
      });
      const scene = new Scene();
      const mesh = new Mesh(screenGeometry(), material);
      mesh.frustumCulled = false;
      return scene.add(mesh);
    };
    this.#develop = pass({});
    this.#copy = pass({ WHO: 1 });
  }

  /** Chooses the world that `draw` draws. */
  setWorld(world: World): void {
    this.#world = world;
    this.#actors = new Map(world.actors.map((actor) => [actor.id, actor]));
    this.#stage.setLayout(world);
  }

  /** The picture and labels of one moment; `frame` seeds the sensor's noise. */
  draw(moment: Moment, view: View, frame: number, withPicture: boolean): Shot {
    const world = this.#world;
    if (!world) throw new Error('no world is set');
    const stage = this.#stage;
    const pinhole = pinholeOf(view);
    const targets = this.#targetsFor(view, pinhole.widthPx, pinhole.heightPx);
    const bodies = bodiesOf(this.#actors, moment, world.light.rain > 0.05);
    const spans = stage.cast.write(bodies);
    stage.replace('arms', armMesh(world.layout.fixtures, moment.arms).geometry());
    const lighting = lightingOf(world, view.infrared, view.at);
    stage.setLight(lighting, view, world, moment);
    this.#setLens(world, moment, view, pinhole, frame);
    const camera = pinhole.camera;
    if (withPicture) {
      stage.replace('shade', shadeMesh(bodies, bodies.map(shadeExtent)).geometry());
      this.#setBeams(world, moment, view, lighting);
      if (lighting.sunLight.x > 0.02) {
        stage.aimShadows(view, lighting.sun);
        // Beyond the part that is drawn there, nothing stands between a place and the sun.
        this.#renderer.setClearColor(0xffffff, 1);
        this.#pass(stage.shadowTarget, stage.shadowScene, stage.shadowCamera);
        this.#renderer.setClearColor(0x000000, 0);
      }
      this.#pass(targets.picture, stage.scene, camera);
      this.#uniforms.uPicture.value = targets.picture.texture;
      this.#pass(targets.out, this.#develop, this.#flat);
    }
    const { widthPx, heightPx } = view;
    const pixels = withPicture ? this.#read(targets.out, widthPx, heightPx) : undefined;
    this.#pass(targets.who, stage.whoScene, camera);
    this.#uniforms.uPicture.value = targets.who.texture;
    this.#pass(targets.out, this.#copy, this.#flat);
    const picture = this.#read(targets.out, widthPx, heightPx);
    const sway = this.#uniforms.uSway.value;
    const labels = this.#labeller.label(this.#renderer, stage.soloScene, stage.cast, {
      bodies,
      spans,
      pinhole,
      view,
      picture,
      sway: [sway.x, sway.y],
    });
    return pixels ? { pixels, labels } : { labels };
  }

  #pass(target: WebGLRenderTarget, scene: Scene, camera: Parameters<WebGLRenderer['render']>[1]): void {
    this.#renderer.setRenderTarget(target);
    this.#renderer.clear();
    this.#renderer.render(scene, camera);
  }

  #read(target: WebGLRenderTarget, width: number, height: number): Uint8Array<ArrayBuffer> {
    const pixels = new Uint8Array(width * height * 4);
    this.#renderer.readRenderTargetPixels(target, 0, 0, width, height, pixels);
    return pixels;
  }

  #targetsFor(view: View, width: number, height: number) {
    const key = `${view.widthPx}x${view.heightPx} ${width}x${height}`;
    if (this.#targets?.key === key) return this.#targets;
    const old = this.#targets;
    for (const target of old ? [old.picture, old.who, old.out] : []) target.dispose();
    const nearest = { minFilter: NearestFilter, magFilter: NearestFilter } as const;
    this.#targets = {
      key,
      picture: new WebGLRenderTarget(width, height, {
        minFilter: LinearFilter,
        magFilter: LinearFilter,
        samples: 4,
      }),
      who: new WebGLRenderTarget(width, height, nearest),
      out: new WebGLRenderTarget(view.widthPx, view.heightPx, { ...nearest, depthBuffer: false }),
    };
    return this.#targets;
  }

  #setLens(
    world: World,
    { tS }: Moment,
    view: View,
    { focalPx, reach }: ReturnType<typeof pinholeOf>,
    frame: number,
  ): void {
    const u = this.#uniforms;
    const t = new Throws(world.seed, 95);
    u.uSize.value.set(view.widthPx, view.heightPx);
    u.uFocal.value = focalPx;
    u.uDistortion.value = view.distortion;
    u.uReach.value.set(...reach);
    u.uNoise.value = view.noise;
    u.uSeed.value = (Math.imul(world.seed ^ (frame * 7919), 0x9e37) >>> 8) % 9973;
    u.uGrey.value = view.infrared ? 1 : 0;
    u.uRain.value = world.light.rain;
    u.uTime.value = tS;
    u.uSoft.value = t.uniform(0.05, 0.6);
    u.uHalo.value = t.uniform(0, 0.75);
    const warm = t.uniform(-0.07, 0.07);
    u.uBalance.value.set(1 + warm, 1 + t.uniform(-0.03, 0.03), 1 - warm);
    u.uSaturation.value = t.uniform(0.65, 1.15);
    u.uContrast.value = t.uniform(0.88, 1.15);
    const phase = t.uniform(0, 6.28);
    const sway = (a: number, b: number) =>
      0.6 * Math.sin(tS * a + phase) + 0.4 * Math.sin(tS * b + phase * 2);
    u.uSway.value.set(view.shakePx * sway(5.1, 13.7), view.shakePx * sway(6.3, 11.9));
  }

  #setBeams(world: World, moment: Moment, view: View, lighting: ReturnType<typeof lightingOf>): void {
    const u = this.#stage.uniforms;
    const frontOf = (id: string) => {
      const { lengthM, widthM } = sizes[this.#actors.get(id)?.kind ?? 'sedan'];
      return { x: lengthM / 2, y: lengthM > 3 ? 0.7 : 0.9, half: widthM > 1.3 ? widthM * 0.36 : 0 };
    };
    // By day a lamp is seen to be lit, and lights nothing.
    const night = world.light.time !== 'day';
    const beams = night ? beamsOf(moment, frontOf) : [];
    u.uBeamCount.value = beams.length;
    for (const [i, { at, aim }] of beams.entries()) {
      u.uBeams.value[i]?.set(...at);
      u.uBeamAims.value[i]?.set(...aim).normalize();
    }
    const glares = glaresOf(moment, frontOf, view.at).map((glare) => ({
      ...glare,
      strength: glare.strength * (night ? 1 : 0.12),
    }));
    const shining = glares.filter(({ strength }) => strength > 0.02);
    const bulbs =
      lighting.lampLight.x > 0
        ? lighting.lamps.map((at): Glare => ({ at, sizeM: 1.3, strength: 0.9, rgb: [1, 0.93, 0.8] }))
        : [];
    this.#stage.replace('glare', glareGeometry([...shining, ...bulbs]));
  }
}

function shadeExtent({ kind, id, pose }: Body): { a: number; b: number } {
  if (id.endsWith('/rider') || (pose.liftM ?? 0) > 0) return { a: 0, b: 0 };
  if (kind === 'person') return { a: 0.42, b: 0.42 };
  const { lengthM, widthM } = sizes[kind];
  return { a: lengthM * 0.62, b: widthM * 0.66 };
}
